"""A query as source, and a new table as output, of a bulk run."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import sqlglot
from sqlglot import exp

from ml.applications.number_texts import Convention
from ml.schemas.schema import Schema
from ml.tables.cells import QueryChunk
from predictions.bulk.databases.driver import QueryCursor, driver_of, translate_errors
from predictions.bulk.headers import usable_header
from predictions.bulk.scoring import Output, RowFormat, ScoringTerms, Source, id_heading
from predictions.errors import UnusableSource

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,47}\Z")


@contextmanager
def table_output(alias: str, table: str, terms: ScoringTerms) -> Iterator[Output]:
    if not _NAME.match(table):
        raise UnusableSource(f"{table!r} is not a table name; expected up to 48 letters, digits and _.")
    driver = driver_of(alias)
    with translate_errors(alias, driver), driver.new_table(table, id_heading(terms.schema)) as write:
        yield Output(name=f"table {table} of {alias}", format=RowFormat(terms), write=write, sha256=str)


_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into, exp.DDL, exp.Command, exp.Lock)


def check_statement(sql: str, dialect: str) -> None:
    """Raise `UnusableSource` unless `sql` is a single SELECT statement that changes nothing."""
    try:
        statements = [parsed for parsed in sqlglot.parse(sql, dialect=dialect) if parsed is not None]
    except sqlglot.errors.SqlglotError as error:
        _refuse(f"it cannot be parsed: {_first_line(error)}")
    if len(statements) != 1:
        _refuse(f"there are {len(statements)} statements")
    statement = statements[0]
    if not isinstance(statement, exp.Select | exp.SetOperation | exp.Subquery):
        _refuse(f"it is {statement.key.upper()}")
    for part in statement.walk():
        if isinstance(part, _CHANGES):
            _refuse(f"it contains {part.key.upper()}")
    if dialect == "mysql" and ("/*!" in sql or "/*M!" in sql):
        _refuse("it contains a comment that the database would execute")


def _refuse(why: str) -> NoReturn:
    raise UnusableSource(f"--from-sql takes exactly one SELECT (or WITH ... SELECT) statement; {why}.")


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0].rstrip(". ")


_CHUNK_ROWS = 5_000  # about as many as a block of CSV text contains


@contextmanager
def sql_source(schema: Schema, alias: str, sql: str, decimal: Convention | None = None) -> Iterator[Source]:
    """Open the rows of a query; `decimal` is the decimal mark of numbers in text columns, if known."""
    driver = driver_of(alias)
    check_statement(sql, driver.dialect)
    with translate_errors(alias, driver), driver.reading(sql) as cursor:
        headings = [str(column[0]) for column in cursor.description or ()]
        header = usable_header("The query's columns", headings, schema)
        reader = _QueryReader(header.names, cursor, decimal)
        yield Source(
            name=f"database {alias}",
            place="row",
            further=header.further,
            chunks=reader.chunks(),
            empty=UnusableSource("The query returned no rows; at least one is expected."),
            unit="rows",
            done=lambda: (reader.rows, None),
            sha256=hashlib.sha256(sql.encode()).hexdigest,
        )


class _QueryReader:
    """Reads the result of a query in chunks; `rows` counts the rows read so far."""

    def __init__(self, names: Sequence[str], cursor: QueryCursor, decimal: Convention | None) -> None:
        self._names, self._cursor, self._decimal, self.rows = names, cursor, decimal, 0

    def chunks(self) -> Iterator[QueryChunk]:
        while rows := self._cursor.fetchmany(_CHUNK_ROWS):
            first = self.rows + 1
            self.rows += len(rows)
            yield QueryChunk(first, self._names, rows, self._decimal)
