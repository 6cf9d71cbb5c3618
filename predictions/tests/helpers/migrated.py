"""The migrated tables of SQLite: made by one process of a run, copied by the others."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

MEMORY = "file:memorydb_default?mode=memory&cache=shared"  # where Django keeps the tests' database


@contextlib.contextmanager
def filled_from(place: Path) -> Iterator[None]:
    """Copy the file into the database in memory, where the migrations then find nothing to do."""
    with contextlib.closing(sqlite3.connect(MEMORY, uri=True)) as memory:  # it lives as long as a connection
        with contextlib.closing(sqlite3.connect(place)) as file:
            file.backup(memory)
        yield


def copy_to(place: Path) -> None:
    """Write the database in memory into the file."""
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(place)) as file:
        connection.connection.backup(file)
