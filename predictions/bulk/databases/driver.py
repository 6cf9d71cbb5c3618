"""What is asked of a database, whichever it is."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from predictions.bulk.scoring import ResultRow
from predictions.errors import UnusableSource

_DRIVERS = {  # imported where they are asked for: two of them are extras
    "sqlite3": "predictions.bulk.databases.sqlite.SQLite",
    "postgresql": "predictions.bulk.databases.postgres.Postgres",
    "mysql": "predictions.bulk.databases.mysql.MySQL",
}


class QueryCursor(Protocol):
    """A DB-API cursor that keeps a few rows here and leaves the others where they are."""

    @property
    def description(self) -> Sequence[Sequence[Any]] | None: ...

    def fetchmany(self, size: int = ..., /) -> Sequence[ResultRow]: ...


class Driver(Protocol):
    """One database.

    `reading` asks a query in a transaction that changes nothing. `new_table` gives out what takes rows; the
    table is there with all of them when the context ends well, and is not there when it does not.
    """

    dialect: str
    error: type[Exception]

    def reading(self, sql: str) -> AbstractContextManager[QueryCursor]: ...

    def new_table(self, table: str) -> AbstractContextManager[Callable[[Sequence[ResultRow]], object]]: ...


def driver_of(alias: str) -> Driver:
    """Return the database that the settings call so."""
    config = settings.SOURCES.get(alias)
    if config is None:
        known = ", ".join(settings.SOURCES) or "none"
        raise UnusableSource(f"{alias!r} is no database of LOANSITE_SOURCES; there are: {known}.")
    found: Driver = import_string(_DRIVERS[config["ENGINE"].rsplit(".", 1)[-1]])(config)
    return found


@contextmanager
def translate_errors(alias: str, driver: Driver) -> Iterator[None]:
    """Say in our own error what a database refuses."""
    try:
        yield
    except driver.error as error:
        said = str(error.args[-1] if error.args else error).strip()
        raise UnusableSource(f"Database {alias}: {said}") from error


def create_table(name: str, loan_id: str, double: str) -> str:
    """Return the statement that makes the table of results; names are quoted already."""
    return (
        f"CREATE TABLE {name} ({loan_id} VARCHAR(64) NOT NULL, approval_probability {double} NOT NULL, "
        "approved SMALLINT NOT NULL, outcome VARCHAR(16) NOT NULL, reasons TEXT NOT NULL, "
        "causes TEXT NOT NULL, remarks TEXT NOT NULL, "
        "model_version BIGINT NOT NULL, policy BIGINT NOT NULL)"
    )
