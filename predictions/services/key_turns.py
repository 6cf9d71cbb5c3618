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
    """Give out a name to one caller at a time, of all threads and processes; ``False`` when it is taken.

    On PostgreSQL the turn lasts as long as a transaction that is opened here.
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7])
    with contextlib.ExitStack() as stack:
        if connection.vendor == "postgresql":
            stack.enter_context(transaction.atomic())
            yield _advisory_lock(number)
        else:
            yield stack.enter_context(_record_lock(number))


def _advisory_lock(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


@contextlib.contextmanager
def _record_lock(number: int) -> Iterator[bool]:
    """Lock one byte of a file against other processes, and the number against other threads."""
    with _numbers_lock:
        taken = number in _numbers or not _locked_byte(number)
        if not taken:
            _numbers.add(number)
    try:
        yield not taken
    finally:
        if not taken:
            with _numbers_lock:
                _numbers.discard(number)
                fcntl.lockf(_lock_file(), fcntl.LOCK_UN, 1, number)


def _locked_byte(number: int) -> bool:
    try:
        fcntl.lockf(_lock_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
    except OSError:
        return False
    return True


@functools.cache  # closing any handle of the file would give up all locks of the process
def _lock_file() -> int:
    return os.open(settings.VAR / "idempotency.lock", os.O_RDWR | os.O_CREAT, 0o600)
