"""MySQL and MariaDB with PyMySQL, an extra."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress

from ml.errors import MissingExtra
from predictions.bulk.databases.driver import (
    DatabaseConfig,
    QueryCursor,
    connection_options,
    create_table,
    quoted,
)
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

    def __init__(self, config: DatabaseConfig) -> None:
        self._options = connection_options(config, database="database", charset="utf8mb4")

    def _connect(self) -> pymysql.Connection:
        return pymysql.connect(**self._options)

    @contextmanager
    def reading(self, sql: str) -> Iterator[QueryCursor]:
        with closing(self._connect()) as connection:
            connection.query("START TRANSACTION READ ONLY")
            cursor = connection.cursor(SSCursor)  # rows stay in the connection until they are fetched
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
        """Stop a query on the server. Closing its cursor would read all remaining rows."""
        with suppress(pymysql.Error), closing(self._connect()) as connection:
            connection.query(f"KILL QUERY {thread}")

    @contextmanager
    def new_table(self, table: str, id_column: str) -> Iterator[Callable[[Sequence[ResultRow]], object]]:
        """Fill a table of another name and rename it at the end:

        MySQL cannot roll back the creation of a table.
        """
        half = f"`{table}_half`"
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            if cursor.execute(_EXISTS, (table,)):
                raise UnusableSource(f"The table {table} exists already; name a new one.")
            cursor.execute(
                create_table(half, quoted(id_column, "`"), "DOUBLE") + " ENGINE=InnoDB CHARACTER SET utf8mb4"
            )
            try:
                insert = f"INSERT INTO {half} VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608 # a checked name
                yield lambda rows: cursor.executemany(insert, rows)
                connection.commit()
                cursor.execute(f"RENAME TABLE {half} TO `{table}`")
            except BaseException:
                cursor.execute(f"DROP TABLE IF EXISTS {half}")
                raise
