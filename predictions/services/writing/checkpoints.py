"""Checkpoints of SQLite's write-ahead log, made while others write.

A commit that finds a long log copies it to the main file itself, and all other writers wait for that.
"""

import contextlib
import threading

from django.db import DatabaseError, connection

from predictions.services.writing.locks import exclusive_write_lock, is_sqlite_file

CHECKPOINT_BYTES = 2 << 20  # of request bodies
# While others write, the log only grows. Every so many checkpoints they wait, so that it starts anew.
CHECKPOINTS_PER_LOG_RESTART = 4
_CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"


class _BytesWritten:
    """Bytes of bodies stored since the last checkpoint, and the number of checkpoints so far."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self._bytes = self._checkpoints = 0

    def add_and_check(self, size: int) -> int:
        """Add `size`. Return the number of the checkpoint that is due now, or 0."""
        with self._lock:
            self._bytes += size
            if self._bytes < CHECKPOINT_BYTES:
                return 0
            self._bytes = 0
            self._checkpoints += 1
            return self._checkpoints


_bytes_written = _BytesWritten()


def checkpoint_if_due(size: int) -> None:
    """Copy the log to the main file once this process has written enough.

    Parameters
    ----------
    size : int
        Bytes of a request body. What it gave to store is stored by now.
    """
    if number := due_checkpoint(size):
        make_checkpoint(number)


def due_checkpoint(size: int) -> int:
    """Return the number of the checkpoint that is due with these bytes, or 0."""
    return _bytes_written.add_and_check(size) if is_sqlite_file() else 0


def make_checkpoint(number: int) -> None:
    """Copy the log to the main file."""
    # A checkpoint that fails is made up for later: the call itself is stored.
    with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute(_CHECKPOINT)
        if number % CHECKPOINTS_PER_LOG_RESTART == 0:
            with exclusive_write_lock():  # for the little that was written meanwhile
                cursor.execute(_CHECKPOINT)


def reset() -> None:
    """Count from zero again."""
    _bytes_written.reset()
