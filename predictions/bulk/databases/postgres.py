"""PostgreSQL with psycopg, an extra."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from ml.errors import MissingExtra
from predictions.bulk.databases.driver import (
    DatabaseConfig,
    QueryCursor,
    connection_options,
    create_table,
    quoted,
)
from predictions.bulk.scoring import ResultRow

try:
    import psycopg
except ImportError:
    raise MissingExtra("psycopg", "deploy/install.sh requirements/postgres.txt") from None


class Postgres:
    dialect = "postgres"
    error: type[Exception] = psycopg.Error

    def __init__(self, config: DatabaseConfig) -> None:
        self._options = connection_options(
            config, database="dbname", connect_timeout=10, client_encoding="utf8"
        )

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(**self._options)

    @contextmanager
    def reading(self, sql: str) -> Iterator[QueryCursor]:
        with closing(self._connect()) as connection:
            connection.read_only = True
            with connection.cursor(name="applications") as cursor:  # named: its rows stay on the server
                cursor.execute(sql.encode())
                yield cursor

    @contextmanager
    def new_table(self, table: str, id_column: str) -> Iterator[Callable[[Sequence[ResultRow]], object]]:
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            cursor.execute(create_table(f'"{table}"', quoted(id_column), "DOUBLE PRECISION").encode())
            with cursor.copy(f'COPY "{table}" FROM STDIN'.encode()) as copy:
                yield lambda rows: _write(copy, rows)
            connection.commit()


def _write(copy: psycopg.Copy, rows: Sequence[ResultRow]) -> None:
    for row in rows:
        copy.write_row(row)
