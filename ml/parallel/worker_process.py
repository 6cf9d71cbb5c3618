"""A forked process that calls one function. If it is killed, its caller gets an error.

`concurrent.futures` shares one pipe among its processes. A process that is killed while it writes leaves half
a result there, and the pool waits for the other half for ever. Here each process has a pipe of its own.
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
from ml.parallel.shared_bytes import SharedBytes

CapturedResult = tuple[Any, Exception | None]


def capture_result(function: Callable[[Any], Any], item: Any) -> CapturedResult:
    """Call the function and return its result or its error."""
    try:
        return function(item), None
    except Exception as error:
        return None, error


def unwrap_result(captured: CapturedResult) -> Any:
    """Return a captured result, or raise the captured error."""
    result, error = captured
    if error:
        raise error
    return result


# A forked process needs no imports and has all caches of this one. It must not use the database.
_context = multiprocessing.get_context("fork")


class WorkerProcess:
    """Takes items and returns their results in order. Several items may be waiting."""

    def __init__(
        self, function: Callable[[Any], Any], others: Iterable["WorkerProcess"], nice: int = 0
    ) -> None:
        self._ours, theirs = _context.Pipe()
        self._shared = SharedBytes()
        # Only one process may hold each end of a pipe: then the pipe closes when the process ends.
        foreign = [self._ours, *(other._ours for other in others)]
        arguments = function, theirs, self._shared, foreign, nice
        self._process = _context.Process(target=_serve, args=arguments, daemon=True)
        # None: the process has ended.
        self._results: queue.SimpleQueue[CapturedResult | None] = queue.SimpleQueue()
        self._process.start()
        theirs.close()

    def start(self) -> None:
        """Start to receive results in a thread, so that neither end waits for the other.

        Fork all processes first: a process must not be forked while a thread runs.
        """
        threading.Thread(target=self._read, daemon=True).start()

    def submit(self, item: Any) -> "WorkerProcess":
        """Send an item. If the process has ended, `result` raises the error."""
        with contextlib.suppress(OSError):
            self._ours.send(item)
        return self

    def result(self) -> Any:
        """Return the oldest result that was not returned yet, or raise the error of its item.

        Raises
        ------
        WorkerLost
            If the process was killed.
        """
        captured = self._results.get()
        if captured is None:
            raise WorkerLost("A worker process was killed. Is there enough memory?")
        return unwrap_result(captured)

    def stop(self) -> None:
        """Kill the process; items without a result are lost."""
        self._process.kill()
        self._process.join()
        self._ours.close()

    def _read(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._results.put(self._shared.unpack(self._ours.recv_bytes()))
        self._results.put(None)


def _serve(
    function: Callable[[Any], Any],
    connection: Connection,
    shared: SharedBytes,
    foreign: Iterable[Connection],
    nice: int,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets it too, and stops this process
    os.nice(nice)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    for other in foreign:
        other.close()
    with contextlib.suppress(EOFError):
        while True:
            connection.send_bytes(shared.pack(capture_result(function, connection.recv())))


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
    os._exit(1)
