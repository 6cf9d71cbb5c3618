"""A name that one caller at a time may hold, of all threads and processes; it is free again when they die."""

import contextlib
import fcntl
import functools
import hashlib
import os
import threading
from collections.abc import Iterator

from django.conf import settings
from django.db import connection, transaction

_numbers: set[int] = set()
_numbers_lock = threading.Lock()


@contextlib.contextmanager
def key_turn(name: str) -> Iterator[bool]:
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
