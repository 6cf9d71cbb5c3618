"""Applications from a query."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import sqlglot
from sqlglot import exp

from ml.applications.schema import FIELDS, TARGET
from ml.tables.cells import QueryChunk
from ml.tables.training_csv import list_header_faults
from predictions.bulk.databases.driver import QueryCursor, driver_of, translate_errors
from predictions.bulk.scoring import Output, RowFormat, ScoringTerms, Source
from predictions.errors import UnusableSource

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,47}\Z")


@contextmanager
def table_output(alias: str, table: str, terms: ScoringTerms) -> Iterator[Output]:
    if not _NAME.match(table):
        raise UnusableSource(f"{table!r} is no name of a table; expected up to 48 letters, digits and _.")
    driver = driver_of(alias)
    with translate_errors(alias, driver), driver.new_table(table) as write:
        yield Output(name=f"table {table} of {alias}", form=RowFormat(terms), write=write, sha256=str)


_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into, exp.DDL, exp.Command, exp.Lock)


def check_statement(sql: str, dialect: str) -> None:
    """Raise `UnusableSource` for all but one SELECT, with or without WITH."""
    try:
        statements = [found for found in sqlglot.parse(sql, dialect=dialect) if found is not None]
    except sqlglot.errors.SqlglotError as error:
        _refuse(f"it cannot be read: {_first_line(error)}")
    if len(statements) != 1:
        _refuse(f"there are {len(statements)} statements")
    statement = statements[0]
    if not isinstance(statement, exp.Select | exp.SetOperation | exp.Subquery):
        _refuse(f"it is {statement.key.upper()}")
    for part in statement.walk():
        if isinstance(part, _CHANGES):
            _refuse(f"it holds {part.key.upper()}")
    if dialect == "mysql" and ("/*!" in sql or "/*M!" in sql):
        _refuse("it holds a comment that the database would carry out")


def _refuse(why: str) -> NoReturn:
    raise UnusableSource(f"--from-sql takes exactly one SELECT (or WITH ... SELECT) statement; {why}.")


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0].rstrip(". ")


_AT_ONCE = 5_000  # rows, about as many as a block of CSV text has


@contextmanager
def sql_source(alias: str, sql: str) -> Iterator[Source]:
    driver = driver_of(alias)
    check_statement(sql, driver.dialect)
    with translate_errors(alias, driver), driver.reading(sql) as result:
        read = _Read(_names(result), result)
        yield Source(
            name=f"database {alias}",
            place="row",
            chunks=read.chunks(),
            empty=UnusableSource("The query gives no rows; at least one is expected."),
            unit="rows",
            done=lambda: (read.rows, None),
            sha256=hashlib.sha256(sql.encode()).hexdigest,
        )


class _Read:
    """`rows` says how many."""

    def __init__(self, names: Sequence[str], result: QueryCursor) -> None:
        self._names, self._result, self.rows = names, result, 0

    def chunks(self) -> Iterator[QueryChunk]:
        while rows := self._result.fetchmany(_AT_ONCE):
            first = self.rows + 1
            self.rows += len(rows)
            yield QueryChunk(first, self._names, rows)


def _names(result: QueryCursor) -> list[str]:
    names = [column[0] for column in result.description or ()]
    if faults := list_header_faults(names, FIELDS, known=(*FIELDS, TARGET)):
        raise UnusableSource("\n".join(["The query's columns cannot be used:", *faults]))
    return names
