"""SQLite's log on its way to the main file, while others write.

A commit that finds the log long enough takes it there itself, and all other writers wait for that.
"""

import contextlib
import threading

from django.db import DatabaseError, connection

from predictions.services.turns import alone, in_file

EVERY = 2 << 20  # bytes of bodies
_CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"


class _Written:
    """Bytes of bodies since the log was last emptied."""

    def __init__(self) -> None:
        self._lock, self._bytes = threading.Lock(), 0

    def is_enough(self, size: int) -> bool:
        """Add some; tell whether it is time, and begin anew."""
        with self._lock:
            self._bytes += size
            enough = self._bytes >= EVERY
            self._bytes = 0 if enough else self._bytes
        return enough


_written = _Written()


def after_call(size: int) -> None:
    """Empty the log when this process has put enough into it; `size` is that of a body, stored by now."""
    if in_file() and _written.is_enough(size):
        # A log that cannot be emptied now is emptied later; the call is stored.
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(_CHECKPOINT)
            with alone():  # what was written meanwhile is little, and then the log begins anew
                cursor.execute(_CHECKPOINT)
