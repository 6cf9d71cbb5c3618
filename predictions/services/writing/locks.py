"""Locks of threads, processes and databases; `docs/hot-path.md` names their order.

The large-call lock orders the large calls of one process, the write lock all writers of an SQLite file, and a
key lock the calls with one Idempotency-Key.
"""

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

from predictions.errors import TooManyLargeCalls, TooManySignIns
from predictions.services.writing import database_waits as waits

LARGE_BODY = 20_000  # bytes: about a hundred applications
MAX_LARGE_CALLS = 2  # of a process: one runs, one waits, and two threads are left
MAX_SIGN_INS, MAX_WAITING_SIGN_INS = 2, 1  # of a process's four threads
_PAUSE = 0.0003  # seconds
_TOO_LONG = "database is locked: others have been writing for too long"
_large_calls = waits.BoundedQueue(1, MAX_LARGE_CALLS - 1, TooManyLargeCalls)
_sign_ins = waits.BoundedQueue(MAX_SIGN_INS, MAX_WAITING_SIGN_INS, TooManySignIns)


def large_call_lock(size: int) -> contextlib.AbstractContextManager[None]:
    """Let the large calls of this process run one after the other, from their decoding on.

    The threads of a process share one interpreter lock. The thread that writes releases that lock at every
    statement and would wait for the others each time, while all other processes wait for the database.

    Take this lock before any `write_transaction`: a thread that holds the database and waits here would wait
    for a thread that waits for the database.

    Raises
    ------
    TooManyLargeCalls
        When too many large calls wait, or this one has waited for too long.
    """
    return _large_calls.slot() if size >= LARGE_BODY else contextlib.nullcontext()


def sign_in_lock() -> contextlib.AbstractContextManager[None]:
    """Let few threads hash a password at once. Raises `TooManySignIns` for the others."""
    return _sign_ins.slot()


class _ThreadFiles(threading.local):
    """Lock files that a thread keeps open: opening one takes as long as a statement."""

    def __init__(self) -> None:
        self.by_path: dict[str, IO[str]] = {}

    def open(self, path: str) -> IO[str]:
        if path not in self.by_path:
            self.by_path[path] = open(path, "a")  # noqa: SIM115 - kept
        return self.by_path[path]

    def close(self) -> None:
        for file in self.by_path.values():
            file.close()
        self.by_path.clear()


_thread_files = _ThreadFiles()
_writing_thread = threading.RLock()


@contextlib.contextmanager
def write_transaction() -> Iterator[None]:
    """Open a transaction. On SQLite, hold the write lock of the file until the transaction ends.

    Inside another transaction the lock is held already, and this one is a savepoint. SQLite's own wait
    sleeps up to 100 ms between two tries, and the writer that sleeps longest starves.

    Raises
    ------
    OperationalError
        When others have been writing for longer than `database_waits` lets this process wait.
    """
    if not is_sqlite_file() or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with contextlib.ExitStack() as held:
        with waits.write_lock_deadline() as deadline:
            held.enter_context(_write_lock(deadline))
            held.enter_context(transaction.atomic())
        yield


def is_sqlite_file() -> bool:
    """Return True if the database is an SQLite file."""
    in_memory = getattr(connection, "is_in_memory_db", None)  # only SQLite's connection has it
    return in_memory is not None and not in_memory()


@contextlib.contextmanager
def exclusive_write_lock() -> Iterator[None]:
    """Keep all other writers of the SQLite file waiting (raises as `write_transaction` does)."""
    with contextlib.ExitStack() as held:
        with waits.write_lock_deadline() as deadline:
            held.enter_context(_write_lock(deadline))
        yield


@contextlib.contextmanager
def _write_lock(deadline: float) -> Iterator[None]:
    """Hold the write lock: first the lock of this process's threads, then the lock of the file.

    A blocking `flock` would wait for ever for a holder that hangs.
    """
    file = _thread_files.open(f"{connection.settings_dict['NAME']}-turn")
    with _thread_turn(deadline):
        while not _try_lock(file):
            if time.monotonic() >= deadline:
                raise OperationalError(_TOO_LONG)
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


@contextlib.contextmanager
def writing_turn() -> Iterator[None]:
    """Keep the other threads of this process from writing to the SQLite file (raises as `write_transaction`).

    The thread may open a `write_transaction` within.
    """
    with contextlib.ExitStack() as held:
        with waits.write_lock_deadline() as deadline:
            held.enter_context(_thread_turn(deadline))
        yield


@contextlib.contextmanager
def _thread_turn(deadline: float) -> Iterator[None]:
    if not _writing_thread.acquire(timeout=max(deadline - time.monotonic(), 0)):
        raise OperationalError(_TOO_LONG)
    try:
        yield
    finally:
        _writing_thread.release()


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_held_numbers: set[int] = set()
_held_numbers_lock = threading.Lock()


@contextlib.contextmanager
def key_lock(name: str) -> Iterator[bool]:
    """Lock a name against all threads and processes; yield False if somebody else holds it.

    A lock ends with its process. On PostgreSQL it lasts as long as the transaction that is opened here.
    """
    number = _number_of(name)
    with _thread_lock(number) as free:
        if not free:
            yield False
            return
        process_lock = _advisory_lock if connection.vendor == "postgresql" else _record_lock
        with process_lock(number) as free_everywhere:
            yield free_everywhere


@contextlib.contextmanager
def _thread_lock(number: int) -> Iterator[bool]:
    with _held_numbers_lock:
        free = number not in _held_numbers
        _held_numbers.add(number)
    try:
        yield free
    finally:
        if free:
            with _held_numbers_lock:
                _held_numbers.discard(number)


@contextlib.contextmanager
def _advisory_lock(number: int) -> Iterator[bool]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        yield bool(cursor.fetchone()[0])


def wait_for_name(name: str, *, shared: bool = False) -> None:
    """On PostgreSQL, wait for the other transactions that hold a name, and hold it until this one ends.

    Transactions that share a name wait for none that shares it. On SQLite the write lock orders all writers.
    """
    if connection.vendor == "postgresql":
        function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_number_of(name)])


def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7])


@contextlib.contextmanager
def _record_lock(number: int) -> Iterator[bool]:
    """Lock one byte of a file that all processes share."""
    file = _key_file()
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, number)


@functools.cache  # closing any handle of the file would release all record locks of the process
def _key_file() -> int:
    return os.open(settings.VAR / "idempotency.lock", os.O_RDWR | os.O_CREAT, 0o600)


def reset() -> None:
    """Close the lock files and forget the names that this process holds."""
    _thread_files.close()
    _held_numbers.clear()
    if _key_file.cache_info().currsize:
        os.close(_key_file())
        _key_file.cache_clear()
