"""Limits on the waits of a web process for its database: a database that hangs must not hang the site.

Commands and the worker wait a minute for SQLite's write lock, and for PostgreSQL as long as it takes. The
limits hold in a process once it has called `apply_request_limits`.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Protocol

from django.db import Error, OperationalError, connection

# Seconds, but for the counts.
STATEMENT_TIMEOUT = 2.0  # PostgreSQL ends a request's statement, or its wait for a lock, after this time
EXPORT_STATEMENT_TIMEOUT = 30.0  # the same for the statements of a download
REPLY_TIMEOUT = 2.3  # a server that does not answer for so long hangs: it no longer keeps its own time limits
CONNECT_TIMEOUT = 2  # for a new connection
WRITE_LOCK_TIMEOUT = 3.5  # total wait of one request for SQLite's other writers: it is answered within 5 s
COMMAND_WRITE_LOCK_TIMEOUT = 60.0  # for commands and the worker: a migration may write for long
MAX_WAITING_THREADS = 3  # of a process's four threads: one is left for requests that need no database
SLOT_TIMEOUT = 0.7
SQLITE_SLOT_TIMEOUT = 0.3
THREAD_LOCK_TIMEOUT = 0.3  # for another thread, before the wait takes a slot
FAILURES_TO_OPEN = 2  # after so many failures in a row the server is no longer asked
PROBE_INTERVAL = 1.0  # between two requests that ask all the same


class Lock(Protocol):
    def acquire(self, *, timeout: float) -> bool: ...
    def release(self) -> None: ...


class _RequestState(threading.local):
    """Waits and failures of the request that this thread answers."""

    server_silent = False  # the server did not answer in time: this request asks no more
    is_probe = False  # this request asks while the circuit breaker keeps all others from asking
    seconds_waited = 0.0  # for SQLite's other writers
    deadline: float | None = None  # end of the wait for which this request holds a slot
    waits_for_nobody = False  # neither for SQLite's other writers nor for PostgreSQL


class CircuitBreaker:
    """Keeps requests from a server that does not answer, except one request a second that probes it."""

    def __init__(self) -> None:
        self._lock, self.failures, self.asked_last = threading.Lock(), 0, 0.0

    def may_ask(self) -> bool:
        """Return True if the request of this thread may send statements."""
        if request_state.server_silent:
            return False
        if self.failures < FAILURES_TO_OPEN or request_state.is_probe:
            return True
        now = time.monotonic()
        with self._lock:
            if now - self.asked_last >= PROBE_INTERVAL:
                self.asked_last, request_state.is_probe = now, True
        return request_state.is_probe

    def record_failure(self) -> None:
        """Record that the server did not answer: the request of this thread sends no more statements."""
        request_state.server_silent = True
        with self._lock:
            self.failures, self.asked_last = self.failures + 1, time.monotonic()

    def record_success(self) -> None:
        """Record that the server answered: all requests may send statements again."""
        if self.failures:
            with self._lock:
                self.failures = 0


class WaitingSlots:
    """Slots for the threads that wait for the database.

    A thread that finds no slot waits for one, since most waits are short. After one thread has waited in
    vain, later threads are refused at once until a slot is released.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self.reset()

    def reset(self) -> None:
        """Free all slots."""
        self._free: SimpleQueue[None] = SimpleQueue()
        self._crowded = False
        for _ in range(self._number):
            self._free.put(None)

    def acquire(self, seconds: float = SLOT_TIMEOUT) -> bool:
        """Take a slot within `seconds`; return False if none was free."""
        try:
            self._free.get(timeout=0 if self._crowded else seconds)
        except Empty:
            self._crowded = True
            return False
        return True

    def release(self) -> None:
        self._crowded = False
        self._free.put(None)


request_state, breaker, waiting_slots = _RequestState(), CircuitBreaker(), WaitingSlots(MAX_WAITING_THREADS)
# One slot stays free for the thread that holds what the others wait for.
_slots_for_thread_locks = threading.BoundedSemaphore(MAX_WAITING_THREADS - 1)
_serving = threading.Event()


def apply_request_limits(on: bool = True) -> None:
    """Hold this process to the limits of requests, from its next connection on."""
    if on:
        _serving.set()
    else:
        _serving.clear()


def request_limits_apply() -> bool:
    """Return True if this process answers requests."""
    return _serving.is_set()


def reset_request_state() -> None:
    """Forget the waits and failures of this thread's last request."""
    vars(request_state).clear()


def reset() -> None:
    """Forget every wait and failure of this process."""
    reset_request_state()
    breaker.record_success()
    waiting_slots.reset()
    apply_request_limits(False)


@contextlib.contextmanager
def write_lock_deadline() -> Iterator[float]:
    """Yield the time until which to wait for SQLite's other writers; a request holds a slot meanwhile.

    Raises
    ------
    OperationalError
        When no slot is free.
    """
    if request_state.deadline is not None:
        yield request_state.deadline
        return
    started = time.monotonic()
    if not request_limits_apply():
        yield started + COMMAND_WRITE_LOCK_TIMEOUT
        return
    if not waiting_slots.acquire(SQLITE_SLOT_TIMEOUT):
        raise OperationalError("database is locked: others are waiting for it")
    request_state.deadline = started + WRITE_LOCK_TIMEOUT - request_state.seconds_waited
    try:
        yield request_state.deadline
    finally:
        request_state.seconds_waited += time.monotonic() - started
        request_state.deadline = None
        waiting_slots.release()


@contextlib.contextmanager
def without_waiting() -> Iterator[None]:
    """Let this thread wait for no other writer of an SQLite file and ask no server.

    It gets `OperationalError` at once.
    """
    request_state.deadline, request_state.waits_for_nobody = time.monotonic(), True
    try:
        yield
    finally:
        request_state.deadline, request_state.waits_for_nobody = None, False


def acquire_thread_lock(lock: Lock) -> bool:
    """Wait for a lock whose holder may itself wait for the database; tell whether this thread holds it now.

    A request waits a short time without a slot, and longer only in a slot. If the server failed to answer
    meanwhile, the lock is given back: this request would wait for the same server.
    """
    failures = breaker.failures
    acquired = lock.acquire(timeout=THREAD_LOCK_TIMEOUT) or _acquire_in_slot(lock)
    if acquired and breaker.failures > failures:
        lock.release()
        return False
    return acquired


def _acquire_in_slot(lock: Lock) -> bool:
    if not _slots_for_thread_locks.acquire(blocking=False):
        return False
    try:
        with write_lock_deadline() as deadline:
            return lock.acquire(timeout=max(deadline - time.monotonic(), 0))
    except OperationalError:
        return False
    finally:
        _slots_for_thread_locks.release()


class BoundedQueue:
    """Lets `at_once` threads run, lets `waiting` more wait for a slot, and refuses the others.

    `refusal` is raised for a thread that finds the queue full, and for one that waits in vain (see
    `acquire_thread_lock`).
    """

    def __init__(self, at_once: int, waiting: int, refusal: type[Exception]) -> None:
        self._running = threading.BoundedSemaphore(at_once)
        self._queued = threading.BoundedSemaphore(at_once + waiting)
        self._refusal = refusal

    @contextlib.contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a slot and hold it."""
        if not self._queued.acquire(blocking=False):
            raise self._refusal
        try:
            if not acquire_thread_lock(self._running):
                raise self._refusal
            try:
                yield
            finally:
                self._running.release()
        finally:
            self._queued.release()


@contextlib.contextmanager
def export_statement_timeout() -> Iterator[None]:
    """Let the statements of a download take longer than the statements of a request."""
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
        except Error:  # for want of a slot, say; a new connection starts with the limits of a request
            connection.close()
