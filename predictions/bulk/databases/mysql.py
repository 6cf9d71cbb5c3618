"""MySQL and MariaDB by PyMySQL, an extra."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

from ml.applications.schema import LOAN_ID
from ml.errors import MissingExtra
from predictions.bulk.databases.driver import QueryCursor, create_table
from predictions.bulk.scoring import ResultRow
from predictions.errors import UnusableSource

try:
    import pymysql
    from pymysql.cursors import SSCursor
except ImportError:
    raise MissingExtra("PyMySQL", "deploy/install.sh requirements/mysql.txt") from None

_EXISTS = "SELECT 1 FROM information_schema.tables WHERE table_schema = database() AND table_name = %s"


class MySQL:
    dialect = "mysql"
    error: type[Exception] = pymysql.Error

    def __init__(self, config: dict[str, Any]) -> None:
        named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "database": "NAME"}
        found = {name: config[key] for name, key in named.items() if config[key]}
        self._options = {"charset": "utf8mb4"} | found | config.get("OPTIONS", {})

    def _connect(self) -> "pymysql.Connection[Any]":
        return pymysql.connect(**self._options)

    @contextmanager
    def reading(self, sql: str) -> Iterator[QueryCursor]:
        with closing(self._connect()) as connection:
            connection.query("START TRANSACTION READ ONLY")
            cursor = connection.cursor(SSCursor)  # rows stay in the connection until they are asked for
            try:
                cursor.execute(sql)
                yield cursor
            except BaseException:
                self._stop(connection.thread_id())
                with suppress(pymysql.Error):
                    cursor.close()
                raise
            cursor.close()

    def _stop(self, thread: int) -> None:
        """A query is read to its end, however far that is, unless the server hears that nobody wants it."""
        with suppress(pymysql.Error), closing(self._connect()) as connection:
            connection.query(f"KILL QUERY {thread}")

    @contextmanager
    def new_table(self, table: str) -> Iterator[Callable[[Sequence[ResultRow]], object]]:
        """No transaction takes a new table back: it has another name until it is whole."""
        half = f"`{table}_half`"
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            if cursor.execute(_EXISTS, (table,)):
                raise UnusableSource(f"There is a table {table} already.")
            cursor.execute(
                create_table(half, f"`{LOAN_ID}`", "DOUBLE") + " ENGINE=InnoDB CHARACTER SET utf8mb4"
            )
            try:
                insert = f"INSERT INTO {half} VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608 # a checked name
                yield lambda rows: cursor.executemany(insert, rows)
                connection.commit()
                cursor.execute(f"RENAME TABLE {half} TO `{table}`")
            except BaseException:
                cursor.execute(f"DROP TABLE IF EXISTS {half}")
                raise
