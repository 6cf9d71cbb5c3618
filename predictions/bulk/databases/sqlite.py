"""SQLite with Python's own sqlite3."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from predictions.bulk.databases.driver import DatabaseConfig, QueryCursor, create_table, quoted
from predictions.bulk.scoring import ResultRow

_HALF = "temp.loansite_half"


class SQLite:
    dialect = "sqlite"
    error: type[Exception] = sqlite3.Error

    def __init__(self, config: DatabaseConfig) -> None:
        self._file = Path(config["NAME"]).absolute().as_uri()

    def _connect(self, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._file}?mode={mode}", timeout=20, isolation_level=None, uri=True)

    @contextmanager
    def reading(self, sql: str) -> Iterator[QueryCursor]:
        """Run a query. A statement is its own transaction, which ends when its last row is read."""
        with closing(self._connect("ro")) as connection, closing(connection.execute(sql)) as cursor:
            yield cursor

    @contextmanager
    def new_table(self, table: str, id_column: str) -> Iterator[Callable[[Sequence[ResultRow]], object]]:
        """Collect rows in a temporary table: the database cannot be written while a query is read."""
        with closing(self._connect("rw")) as connection:
            create = create_table(f'main."{table}"', quoted(id_column), "DOUBLE")
            connection.execute(f"EXPLAIN {create}")  # fails if the table exists
            connection.execute("BEGIN")
            connection.execute(create_table(_HALF, quoted(id_column), "DOUBLE"))
            insert = f"INSERT INTO {_HALF} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 # a constant name
            yield lambda rows: connection.executemany(insert, rows)
            connection.execute(create)
            copy = f'INSERT INTO main."{table}" SELECT * FROM {_HALF} ORDER BY rowid'  # noqa: S608 # a checked name
            connection.execute(copy)
            connection.execute("COMMIT")
