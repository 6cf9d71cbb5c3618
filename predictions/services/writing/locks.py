"""Who waits for whom: large calls of one process, and writers on SQLite."""

import contextlib
import fcntl
import functools
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from typing import IO

from django.conf import settings
from django.db import OperationalError, connection, transaction

from predictions.errors import TooManyLargeCalls
from predictions.services.writing import database_waits as waits

_PAUSE = 0.0003  # seconds
_TOO_LONG = "database is locked: others have been writing for too long"
_threads = threading.RLock()
LARGE_BODY = 20_000  # bytes of a body: about a hundred applications
MAX_LARGE_CALLS = 2  # large calls of a process: one goes on when the other ends, two threads are left
_large_calls = waits.BoundedQueue(1, MAX_LARGE_CALLS - 1, TooManyLargeCalls)


def large_call_lock(size: int) -> contextlib.AbstractContextManager[None]:
    """Let the large calls of this process go one after the other, from their decoding on.

    Raises `TooManyLargeCalls` for a call that finds too many of them, or waits for too long.

    Its threads share one interpreter lock. The one that writes gives it away at every statement and would
    wait for the others each time, while all processes wait for the database. Taken before any
    `write_transaction`: who held the database and waited here would wait for one who waits for the database.
    """
    return _large_calls.turn() if size >= LARGE_BODY else contextlib.nullcontext()


class _Files(threading.local):
    """A thread's own open files: locks are between them, and opening one costs as much as a statement."""

    def __init__(self) -> None:
        self.opened: dict[str, IO[str]] = {}

    def open(self, path: str) -> IO[str]:
        if path not in self.opened:
            self.opened[path] = open(path, "a")  # noqa: SIM115 - kept
        return self.opened[path]


_files = _Files()


@contextlib.contextmanager
def write_transaction() -> Iterator[None]:
    """Open a transaction; on SQLite its writers wait at a file lock, for every thread and process.

    Inside another turn there is nothing to wait for. SQLite's own waiting sleeps up to 100 ms between two
    tries, and the one that sleeps longest starves.

    Raises
    ------
    OperationalError
        When others have been writing for longer than `database_waits` lets this process wait.
    """
    if not is_sqlite_file() or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with contextlib.ExitStack() as turn:
        with waits.write_lock_deadline() as until:
            turn.enter_context(_alone(until))
            turn.enter_context(transaction.atomic())
        yield


def is_sqlite_file() -> bool:
    """Tell whether the database is a file of SQLite's."""
    in_memory = getattr(connection, "is_in_memory_db", None)  # only SQLite's connection has it
    return in_memory is not None and not in_memory()


@contextlib.contextmanager
def exclusive_write_lock() -> Iterator[None]:
    """Keep all other writers of the file waiting (raises as `write_transaction` does)."""
    with contextlib.ExitStack() as turn:
        with waits.write_lock_deadline() as until:
            turn.enter_context(_alone(until))
        yield


@contextlib.contextmanager
def _alone(until: float) -> Iterator[None]:
    """Queue with the threads of this process, then try again for the file with the other processes.

    `flock` itself would wait for ever for a holder that hangs.
    """
    file = _files.open(f"{connection.settings_dict['NAME']}-turn")
    if not _threads.acquire(timeout=max(until - time.monotonic(), 0)):
        raise OperationalError(_TOO_LONG)
    try:
        while not _locked(file):
            if time.monotonic() >= until:
                raise OperationalError(_TOO_LONG)
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
    finally:
        _threads.release()


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_numbers: set[int] = set()
_numbers_lock = threading.Lock()


@contextlib.contextmanager
def key_lock(name: str) -> Iterator[bool]:
    """Give out a name, or ``False`` when it is taken.

    On PostgreSQL the turn lasts as long as a transaction that is opened here.
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7])
    with _among_threads(number) as free:
        if not free:
            yield False
            return
        among_processes = _advisory_lock if connection.vendor == "postgresql" else _record_lock
        with among_processes(number) as alone:
            yield alone


@contextlib.contextmanager
def _among_threads(number: int) -> Iterator[bool]:
    with _numbers_lock:
        free = number not in _numbers
        _numbers.add(number)
    try:
        yield free
    finally:
        if free:
            with _numbers_lock:
                _numbers.discard(number)


@contextlib.contextmanager
def _advisory_lock(number: int) -> Iterator[bool]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        yield bool(cursor.fetchone()[0])


@contextlib.contextmanager
def _record_lock(number: int) -> Iterator[bool]:
    """Lock one byte of a file."""
    try:
        fcntl.lockf(_lock_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.lockf(_lock_file(), fcntl.LOCK_UN, 1, number)


@functools.cache  # closing any handle of the file would give up all locks of the process
def _lock_file() -> int:
    return os.open(settings.VAR / "idempotency.lock", os.O_RDWR | os.O_CREAT, 0o600)
