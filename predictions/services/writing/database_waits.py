"""How long a web process waits for its database: a database that hangs must not take the site along.

Commands and the worker wait as long as it takes; a process is less patient once it has called
`apply_request_limits`.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Protocol

from django.db import Error, OperationalError, connection

STATEMENT_TIMEOUT = (
    2.0  # seconds: what a PostgreSQL server grants a request's statement, and its wait for a lock
)
EXPORT_STATEMENT_TIMEOUT = 30.0  # the same for the statements of a download
REPLY_TIMEOUT = (
    2.3  # seconds without an answer, after which a server is taken for hung: it cannot keep time itself
)
CONNECT_TIMEOUT = 2  # seconds for a new connection
WRITE_LOCK_TIMEOUT = (
    3.5  # seconds that one request waits for SQLite's other writers, in all: it is answered within 5
)
COMMAND_WRITE_LOCK_TIMEOUT = 60.0  # seconds for commands and the worker: a migration may write for long
MAX_WAITING_THREADS = 3  # threads of a process that may wait at once; one more answers what needs no database
SLOT_TIMEOUT = 0.7  # seconds
SQLITE_SLOT_TIMEOUT = 0.3  # the same on SQLite
THREAD_LOCK_TIMEOUT = 0.3  # the same, while another thread may be the one that waits for the database
FAILURES_TO_OPEN = 2  # after so many silences in a row nobody is asked
PROBE_INTERVAL = 1.0  # seconds between two that ask all the same


class Lock(Protocol):
    def acquire(self, *, timeout: float) -> bool: ...
    def release(self) -> None: ...


class _Call(threading.local):
    """What the request of this thread has met."""

    silent = False  # the server did not answer, or not in time: nothing more is asked of it
    asks = False  # for all that are not asked meanwhile
    waited = 0.0  # seconds, for SQLite's writers
    until: float | None = None  # when it has a place: the end of its waiting


class CircuitBreaker:
    """Stops asking a server that keeps silent; lets one ask from time to time."""

    def __init__(self) -> None:
        self._lock, self.silences, self.asked_last = threading.Lock(), 0, 0.0

    def may_ask(self) -> bool:
        """Tell whether the request of this thread may ask the server."""
        if request_state.silent:
            return False
        if self.silences < FAILURES_TO_OPEN or request_state.asks:
            return True
        now = time.monotonic()
        with self._lock:
            if now - self.asked_last >= PROBE_INTERVAL:
                self.asked_last, request_state.asks = now, True
        return request_state.asks

    def silent(self) -> None:
        """Note that the server did not answer; this thread's request asks no more."""
        request_state.silent = True
        with self._lock:
            self.silences, self.asked_last = self.silences + 1, time.monotonic()

    def answered(self) -> None:
        if self.silences:
            with self._lock:
                self.silences = 0


class WaitingSlots:
    """Let only so many threads wait for the database at once.

    One more waits for a place, for a moment: most waits are short. Once it has waited in vain, those who come
    later do not wait at all until a place is free.
    """

    def __init__(self, number: int) -> None:
        self._free: SimpleQueue[None] = SimpleQueue()
        self._crowded = False
        for _ in range(number):
            self._free.put(None)

    def take(self, seconds: float = SLOT_TIMEOUT) -> bool:
        try:
            self._free.get(timeout=0 if self._crowded else seconds)
        except Empty:
            self._crowded = True
            return False
        return True

    def give(self) -> None:
        self._crowded = False
        self._free.put(None)


request_state, breaker, waiting_slots = _Call(), CircuitBreaker(), WaitingSlots(MAX_WAITING_THREADS)
_for_threads = threading.BoundedSemaphore(MAX_WAITING_THREADS - 1)
_serving = threading.Event()


def apply_request_limits(on: bool = True) -> None:
    """Hold this process to the limits of requests, from its next connection on."""
    if on:
        _serving.set()
    else:
        _serving.clear()


def request_limits_apply() -> bool:
    return _serving.is_set()


def reset_request_state() -> None:
    """Forget what the thread's last request has met."""
    request_state.silent, request_state.asks, request_state.waited, request_state.until = (
        False,
        False,
        0.0,
        None,
    )


@contextlib.contextmanager
def write_lock_deadline() -> Iterator[float]:
    """Yield the time until which to wait for SQLite's other writers; a request takes a place meanwhile."""
    if request_state.until is not None:
        yield request_state.until
        return
    started = time.monotonic()
    if not request_limits_apply():
        yield started + COMMAND_WRITE_LOCK_TIMEOUT
        return
    if not waiting_slots.take(SQLITE_SLOT_TIMEOUT):
        raise OperationalError("database is locked: others are waiting for it")
    request_state.until = started + WRITE_LOCK_TIMEOUT - request_state.waited
    try:
        yield request_state.until
    finally:
        request_state.waited, request_state.until = request_state.waited + time.monotonic() - started, None
        waiting_slots.give()


def acquire_thread_lock(lock: Lock) -> bool:
    """Wait for another thread, which may itself be waiting for the database; a request longer at a place.

    One place is left for those that are waited for. Where the server has kept silent meanwhile, this request
    shares the fate of the other one.
    """
    silences = breaker.silences
    got = lock.acquire(timeout=THREAD_LOCK_TIMEOUT) or _acquire_at_a_place(lock)
    if got and breaker.silences > silences:
        lock.release()
        return False
    return got


def _acquire_at_a_place(lock: Lock) -> bool:
    if not _for_threads.acquire(blocking=False):
        return False
    try:
        with write_lock_deadline() as until:
            return lock.acquire(timeout=max(until - time.monotonic(), 0))
    except OperationalError:
        return False
    finally:
        _for_threads.release()


class BoundedQueue:
    """Lets `at_once` threads do something, lets `waiting` more wait for their turn, and turns others away.

    `refusal` is raised for those, and for one that waits in vain (see `acquire_thread_lock`).
    """

    def __init__(self, at_once: int, waiting: int, refusal: type[Exception]) -> None:
        self._turns = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._refusal = refusal

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and keep it."""
        if not self._places.acquire(blocking=False):
            raise self._refusal
        try:
            if not acquire_thread_lock(self._turns):
                raise self._refusal
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._places.release()


@contextlib.contextmanager
def export_statement_timeout() -> Iterator[None]:
    """Let a download's statements take longer than a request's."""
    if not request_limits_apply() or connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    connection.limit_statements(EXPORT_STATEMENT_TIMEOUT)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        try:
            connection.limit_statements(STATEMENT_TIMEOUT)  # type: ignore[attr-defined]
        except Error:  # refused a place, say: a new connection begins with a request's limits
            connection.close()
