"""SQLite's log on its way to the main file, while others write.

A commit that finds the log long enough takes it there itself, and all other writers wait for that.
"""

import contextlib
import threading

from django.db import DatabaseError, connection

from predictions.services.writing.locks import exclusive_write_lock, is_sqlite_file

CHECKPOINT_BYTES = 2 << 20  # bytes of bodies
CHECKPOINTS_PER_LOG_RESTART = (
    4  # every so many times: while others write it only grows, and they wait for its new beginning
)
_CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"


class _Written:
    """Bytes of bodies since the log was last emptied, and how often it was."""

    def __init__(self) -> None:
        self._lock, self._bytes, self._times = threading.Lock(), 0, 0

    def enough(self, size: int) -> int:
        """Add some; when it is time, begin anew and return how often it was, else 0."""
        with self._lock:
            self._bytes += size
            if self._bytes < CHECKPOINT_BYTES:
                return 0
            self._bytes = 0
            self._times += 1
            return self._times


_written = _Written()


def checkpoint_if_due(size: int) -> None:
    """Empty the log when this process has put enough into it; `size` is that of a body, stored by now."""
    if is_sqlite_file() and (times := _written.enough(size)):
        # A log that cannot be emptied now is emptied later; the call is stored.
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(_CHECKPOINT)
            if times % CHECKPOINTS_PER_LOG_RESTART == 0:
                with (
                    exclusive_write_lock()
                ):  # what was written meanwhile is little, and then the log begins anew
                    cursor.execute(_CHECKPOINT)
