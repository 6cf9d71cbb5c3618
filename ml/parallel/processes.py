"""Call one function for many items in a few processes; results come in order, in constant memory."""

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

from ml.parallel.freed_memory import keep_freed_memory
from ml.parallel.worker_process import WorkerProcess

Item = TypeVar("Item")
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

_FEW = 2  # items that are done before processes would have started
_AHEAD = 2  # items sent ahead to each process; `shared_bytes` keeps the bytes of one more
_NICE = 5  # of a training: the calls of a site on the same cores go first
_BUNDLES = 4  # sent to each process by a `Mapper`, so that the function is sent a few times only


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0))


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Iterator[Result]:
    """Yield the result of `function` for each item, in order.

    A few items, or all with `processes` = 1, are done in this process, more of them in forked processes. An
    error of an item, or of `items` itself, is raised in its place. Bytes that a result marks by
    `pickle.PickleBuffer` may be used until the next result is asked for.

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
    few, others = _taken_ahead(iter(items), 0 if processes == 1 else _FEW + 1)
    following = itertools.chain(few, others)
    yield from _in_processes(function, following, processes) if len(few) > _FEW else map(function, following)


def _taken_ahead(items: Iterator[Item], most: int) -> tuple[list[Item], Iterator[Item]]:
    """Return the first items and the others; an error of the iterator itself comes with the others."""
    taken: list[Item] = []
    try:
        for item in itertools.islice(items, most):
            taken.append(item)
    except Exception as error:
        return taken, _raise(error)
    return taken, items


def _raise(error: Exception) -> Iterator[Any]:
    raise error
    yield


class Mapper(Protocol):
    """Calls a function for each item, as the built-in `map` does."""

    def __call__(self, function: Callable[[Item], Result], items: Iterable[Item], /) -> Iterator[Result]: ...


@contextmanager
def processes_for_maps(processes: int) -> Iterator[Mapper]:
    """Give a `Mapper` whose calls are done in forked processes, which end with the context.

    Functions, items and results are pickled. Results come in order, and all of a call must be taken before
    the next one. With `processes` = 1 everything is done in this process.

    Examples
    --------
    >>> with processes_for_maps(1) as each:
    ...     list(each(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    if processes == 1:
        yield map
        return
    with _forked(_call_each, processes, _NICE) as workers:
        yield partial(_map_in_bundles, workers)


def _map_in_bundles(
    workers: list[WorkerProcess], function: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Result]:
    listed, turns = list(items), itertools.cycle(workers)
    size = max(1, len(listed) // (_BUNDLES * len(workers)))
    bundles = [(function, listed[start : start + size]) for start in range(0, len(listed), size)]
    for results in results_in_order(lambda item: next(turns).submit(item), bundles, _AHEAD * len(workers)):
        yield from results


def _call_each(call: tuple[Callable[[Any], Any], list[Any]]) -> list[Any]:
    function, items = call
    return list(map(function, items))


def _in_processes(
    function: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Iterator[Result]:
    with _forked(function, processes) as workers:
        turns = itertools.cycle(workers)
        yield from results_in_order(lambda item: next(turns).submit(item), items, _AHEAD * processes)


@contextmanager
def _forked(
    function: Callable[[Item], Result], processes: int, nice: int = 0
) -> Iterator[list[WorkerProcess]]:
    workers: list[WorkerProcess] = []
    try:
        for _ in range(processes):
            workers.append(WorkerProcess(function, workers, nice))
        for worker in workers:
            worker.start()
        yield workers
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
