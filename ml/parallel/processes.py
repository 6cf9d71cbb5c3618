"""Call one function for many items in a few processes; results come in order, in constant memory."""

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Protocol, TypeVar

from ml.parallel.freed_memory import keep_freed_memory
from ml.parallel.worker_process import WorkerProcess

Item = TypeVar("Item")
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

_FEW = 4  # items that are done before processes would have started
_AHEAD = 2  # items sent ahead to each process


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0))


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Iterator[Result]:
    """Yield the result of `function` for each item, in order.

    The first few items are done in this process, the others in forked processes; with `processes` = 1 all
    items are done in this process. An error of an item, or of `items` itself, is raised in its place.

    Raises
    ------
    WorkerLost
        If one of the processes was killed.

    Examples
    --------
    >>> list(map_in_order(abs, [-1, 2, -3], processes=1))
    [1, 2, 3]
    """
    keep_freed_memory()
    items = iter(items)
    yield from map(function, items if processes == 1 else itertools.islice(items, _FEW))
    if following := list(itertools.islice(items, 1)):
        yield from _in_processes(function, itertools.chain(following, items), processes)


def _in_processes(
    function: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Iterator[Result]:
    workers: list[WorkerProcess] = []
    try:
        for _ in range(processes):
            workers.append(WorkerProcess(function, workers))
        for worker in workers:
            worker.start()
        turns = itertools.cycle(workers)
        yield from results_in_order(lambda item: next(turns).submit(item), items, _AHEAD * processes)
    finally:
        for worker in workers:
            worker.stop()


class Pending(Protocol[Result_co]):
    """A result that may not be there yet."""

    def result(self) -> Result_co: ...


def results_in_order(
    submit: Callable[[Item], Pending[Result]], items: Iterable[Item], limit: int
) -> Iterator[Result]:
    """Yield results in the order of the items; at most `limit` items are submitted at a time."""
    pending: deque[Pending[Result]] = deque()
    for future in _futures(submit, items):
        pending.append(future)
        if len(pending) == limit:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def _futures(submit: Callable[[Item], Pending[Result]], items: Iterable[Item]) -> Iterator[Pending[Result]]:
    """Yield a future for each item; an error of `items` itself becomes the last future."""
    try:
        yield from map(submit, items)
    except Exception as error:
        failed: Future[Result] = Future()
        failed.set_exception(error)
        yield failed
