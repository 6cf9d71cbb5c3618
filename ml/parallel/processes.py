"""One function over many items in a few processes, results in the order of the items, in constant memory."""

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Protocol, TypeVar

from ml.parallel.worker_process import WorkerProcess

Item = TypeVar("Item")
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

_FEW = 4  # items that are done before processes for them would have started
_AHEAD = 2  # items under way, a process


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Iterator[Result]:
    """Yield what `function` says of each item.

    It is called in this process for the first few items, and in copies of this process for the others, unless
    one process is asked for. An error of an item, or of `items` itself, is raised when its turn comes.

    Raises
    ------
    WorkerLost
        When one of the processes was killed.
    """
    items = iter(items)
    yield from map(function, items if processes == 1 else itertools.islice(items, _FEW))
    if more := list(itertools.islice(items, 1)):
        yield from _in_copies(function, itertools.chain(more, items), processes)


def _in_copies(function: Callable[[Item], Result], items: Iterable[Item], processes: int) -> Iterator[Result]:
    workers: list[WorkerProcess] = []
    try:
        for _ in range(processes):
            workers.append(WorkerProcess(function, workers))
        for worker in workers:
            worker.listen()
        turns = itertools.cycle(workers)
        yield from results_in_order(lambda item: next(turns).send(item), items, _AHEAD * processes)
    finally:
        for worker in workers:
            worker.end()


class Pending(Protocol[Result_co]):
    """A result to come."""

    def result(self) -> Result_co: ...


def results_in_order(
    submit: Callable[[Item], Pending[Result]], items: Iterable[Item], most: int
) -> Iterator[Result]:
    """Yield results in the order of the items, of which at most so many are under way."""
    under_way: deque[Pending[Result]] = deque()
    for future in _futures(submit, items):
        under_way.append(future)
        if len(under_way) == most:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


def _futures(submit: Callable[[Item], Pending[Result]], items: Iterable[Item]) -> Iterator[Pending[Result]]:
    """An error of `items` is the last of the futures: it waits for its turn."""
    try:
        yield from map(submit, items)
    except Exception as error:
        failed: Future[Result] = Future()
        failed.set_exception(error)
        yield failed
