"""One function over many items in a few processes, results in the order of the items, in constant memory."""

import itertools
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol, TypeVar

from ml.errors import WorkerLost

Item = TypeVar("Item")
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

_FEW = 4  # items that are done before processes for them would have started
_AHEAD = 2  # items under way, a process

_function: Callable[[Any], Any]


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def in_order(function: Callable[[Item], Result], items: Iterable[Item], processes: int) -> Iterator[Result]:
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
    # Forked: nobody waits for imports, and what was met so far is known there. No copy uses a connection.
    context = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(processes, context, _begin, (function,)) as pool:
            yield from kept_in_order(lambda item: pool.submit(_call, item), items, _AHEAD * processes)
    except BrokenProcessPool:
        raise WorkerLost("A worker process was ended from outside (is there memory enough?).") from None


class Pending(Protocol[Result_co]):
    """A result to come."""

    def result(self) -> Result_co: ...


def kept_in_order(
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


def _begin(function: Callable[[Any], Any]) -> None:
    global _function  # noqa: PLW0603 - one per process, set once
    _function = function
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent closes no queue: whoever waits for it would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
    os._exit(1)


def _call(item: Any) -> Any:
    return _function(item)
