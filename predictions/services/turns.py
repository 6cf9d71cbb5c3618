"""One writer at a time on SQLite, without naps in between."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction


@contextlib.contextmanager
def write_turn() -> Iterator[None]:
    """Open a transaction; on SQLite its writers wait at a file lock, for every thread and process.

    SQLite's own waiting sleeps up to 100 ms between two tries, and the one that sleeps longest starves.
    """
    with contextlib.ExitStack() as stack:
        in_memory = getattr(connection, "is_in_memory_db", None)  # only SQLite's connection has it
        if in_memory and not in_memory():
            lock = Path(f"{connection.settings_dict['NAME']}-turn")
            fcntl.flock(stack.enter_context(lock.open("a")), fcntl.LOCK_EX)
        stack.enter_context(transaction.atomic())
        yield
