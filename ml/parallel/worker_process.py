"""A copy of this process that calls one function; when it is ended, whoever waits for it is told.

`concurrent.futures` shares one pipe among its processes: one that is killed while it writes there leaves half
a result, for whose other half the pool waits for ever.
"""

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from typing import Any

from ml.errors import WorkerLost

CapturedResult = tuple[Any, Exception | None]


def capture_result(function: Callable[[Any], Any], item: Any) -> CapturedResult:
    """Call the function, and keep its error."""
    try:
        return function(item), None
    except Exception as error:
        return None, error


def unwrap_result(kept: CapturedResult) -> Any:
    """Return what was said, or raise what was raised."""
    result, error = kept
    if error:
        raise error
    return result


# Forked: nobody waits for imports, and what was met so far is known there. No copy uses the database.
_context = multiprocessing.get_context("fork")


class WorkerProcess:
    """Takes items, and gives the results in their order; it may be some behind."""

    def __init__(self, function: Callable[[Any], Any], others: Iterable["WorkerProcess"]) -> None:
        self._ours, theirs = _context.Pipe()
        # Each pipe has one process at each end, so that it closes with it.
        foreign = [self._ours, *(other._ours for other in others)]
        self._process = _context.Process(target=_serve, args=(function, theirs, foreign), daemon=True)
        self._answers: queue.SimpleQueue[CapturedResult | None] = (
            queue.SimpleQueue()
        )  # None: no more will come
        self._process.start()
        theirs.close()

    def listen(self) -> None:
        """Take results as they come, so that neither end waits for the other; no process is forked later."""
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, item: Any) -> "WorkerProcess":
        """Hand over an item; `result` tells of a process that has ended."""
        with contextlib.suppress(OSError):
            self._ours.send(item)
        return self

    def result(self) -> Any:
        """Return the oldest result that was not returned yet, or raise what stands in its place.

        Raises
        ------
        WorkerLost
            When the process was ended.
        """
        kept = self._answers.get()
        if kept is None:
            raise WorkerLost("A worker process was ended from outside (is there memory enough?).")
        return unwrap_result(kept)

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._ours.close()

    def _read(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._answers.put(self._ours.recv())
        self._answers.put(None)


def _serve(function: Callable[[Any], Any], connection: Connection, foreign: Iterable[Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process is interrupted, too, and ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for other in foreign:
        other.close()
    with contextlib.suppress(EOFError):
        while True:
            connection.send(capture_result(function, connection.recv()))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
    os._exit(1)
