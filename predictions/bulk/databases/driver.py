"""The interface of all databases, and the choice of the driver."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, TypedDict, cast

from django.conf import settings
from django.utils.module_loading import import_string

from predictions.bulk.scoring import ResultRow
from predictions.errors import UnusableSource

_DRIVERS = {  # imported when they are used: two of them need extras
    "sqlite3": "predictions.bulk.databases.sqlite.SQLite",
    "postgresql": "predictions.bulk.databases.postgres.Postgres",
    "mysql": "predictions.bulk.databases.mysql.MySQL",
}


class DatabaseConfig(TypedDict, total=False):
    """A database of the setting `SOURCES`, in the form of Django's `DATABASES`."""

    ENGINE: str
    NAME: str
    HOST: str
    PORT: str | int
    USER: str
    PASSWORD: str
    OPTIONS: dict[str, object]


class QueryCursor(Protocol):
    """A DB-API cursor that fetches rows in portions and leaves the others on the server."""

    @property
    def description(self) -> Sequence[Sequence[object]] | None: ...

    def fetchmany(self, size: int = ..., /) -> Sequence[ResultRow]: ...


class Driver(Protocol):
    """Access to one database.

    `reading` runs a query in a read-only transaction. `new_table` yields a function that writes rows. The
    table appears with all rows when the context ends without an error, and does not appear otherwise.
    """

    dialect: str
    error: type[Exception]

    def reading(self, sql: str) -> AbstractContextManager[QueryCursor]: ...

    def new_table(
        self, table: str, id_column: str
    ) -> AbstractContextManager[Callable[[Sequence[ResultRow]], object]]: ...


def driver_of(alias: str) -> Driver:
    """Return a driver for the database `alias` of the setting `SOURCES`."""
    config = cast(DatabaseConfig | None, settings.SOURCES.get(alias))
    if config is None:
        known = ", ".join(settings.SOURCES) or "none"
        raise UnusableSource(f"{alias!r} is not a database of LOANSITE_SOURCES; known: {known}.")
    driver: Driver = import_string(_DRIVERS[config["ENGINE"].rsplit(".", 1)[-1]])(config)
    return driver


def connection_options(config: DatabaseConfig, *, database: str, **defaults: object) -> dict[str, Any]:
    """Return the arguments of a driver's `connect`. `database` is its argument for the database's name."""
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", database: "NAME"}
    given = {name: config.get(key) for name, key in named.items()}
    return defaults | {name: value for name, value in given.items() if value} | config.get("OPTIONS", {})


@contextmanager
def translate_errors(alias: str, driver: Driver) -> Iterator[None]:
    """Raise `UnusableSource` with the message of a database's error."""
    try:
        yield
    except driver.error as error:
        message = str(error.args[-1] if error.args else error).strip()
        raise UnusableSource(f"Database {alias}: {message}") from error


def quoted(name: str, quote: str = '"') -> str:
    """Return the name of a column in the quotes of a database."""
    return f"{quote}{name.replace(quote, 2 * quote)}{quote}"


def create_table(name: str, loan_id: str, double: str) -> str:
    """Return the statement that creates the table of results. `name` and `loan_id` are quoted already."""
    return (
        f"CREATE TABLE {name} ({loan_id} VARCHAR(64) NOT NULL, approval_probability {double} NOT NULL, "
        "approved SMALLINT NOT NULL, outcome VARCHAR(16) NOT NULL, reasons TEXT NOT NULL, "
        "causes TEXT NOT NULL, remarks TEXT NOT NULL, "
        "model_version BIGINT NOT NULL, policy BIGINT NOT NULL)"
    )
