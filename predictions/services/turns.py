"""Who waits for whom: large calls of one process, and writers on SQLite."""

import contextlib
import fcntl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction

LARGE = 20_000  # bytes of a body: about a hundred applications
_large_calls = threading.Lock()


def call_turn(size: int) -> contextlib.AbstractContextManager[Any]:
    """Let the large calls of this process go one after the other, from their decoding on.

    Its threads share one interpreter lock. The one that writes gives it away at every statement and would
    wait for the others each time, while all processes wait for the database. Taken before any `write_turn`:
    who held the database and waited here would wait for one who waits for the database.
    """
    return _large_calls if size >= LARGE else contextlib.nullcontext()


@contextlib.contextmanager
def write_turn() -> Iterator[None]:
    """Open a transaction; on SQLite its writers wait at a file lock, for every thread and process.

    Inside another turn there is nothing to wait for. SQLite's own waiting sleeps up to 100 ms between two
    tries, and the one that sleeps longest starves.
    """
    with contextlib.ExitStack() as stack:
        in_memory = getattr(connection, "is_in_memory_db", None)  # only SQLite's connection has it
        if in_memory and not in_memory() and not connection.in_atomic_block:
            lock = Path(f"{connection.settings_dict['NAME']}-turn")
            fcntl.flock(stack.enter_context(lock.open("a")), fcntl.LOCK_EX)
        stack.enter_context(transaction.atomic())
        yield
