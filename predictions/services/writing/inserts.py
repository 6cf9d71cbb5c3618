"""Inserts of many rows without an ORM object for each: prepared statements, on PostgreSQL COPY.

A prepare function does all that can be done before a transaction, which keeps other writers waiting.
"""

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, models

# SQLite releases the interpreter lock at every statement, and gets it back when the other threads let it.
ROWS_PER_STATEMENT = 25
MIN_ROWS_FOR_COPY = 20  # a statement with fewer rows is quicker
RowValues = Sequence[Sequence[object]]
ColumnNames = Sequence[str]
SharedValues = Mapping[str, object]
_NOTHING: SharedValues = {}
_NEXT_IDS = (
    "WITH its AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence) "
    "SELECT nextval(sequence) FROM its, generate_series(1, %s)"
)
_COPY_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_COPY_SPECIAL = re.compile(r"[\\\t\n\r]")
_encode = msgspec.json.Encoder().encode


def prepare_insert(
    model: type[models.Model],
    columns: ColumnNames,
    rows: RowValues,
    suffix: str = "",
    shared: SharedValues = _NOTHING,
) -> Callable[[], int | None]:
    """Return a function that inserts `rows` and returns the last id (None if unknown).

    Parameters
    ----------
    model : type of Model
        The table.
    columns : sequence of str
        Names of the values of a row.
    suffix : str
        End of the statement.
    shared : mapping
        Values of the columns that are the same in all rows.

    All but the values are constants of the code, never input.
    """
    if connection.vendor == "postgresql" and len(rows) >= MIN_ROWS_FOR_COPY:
        # COPY has no clause for conflicts.
        prepare = functools.partial(_prepare_document, suffix) if suffix else _prepare_copy
        return prepare(model, columns, rows, shared)
    if connection.vendor != "sqlite":  # only SQLite's driver binds a value once for all rows
        columns = [*columns, *shared]
        rows, shared = [(*row, *shared.values()) for row in rows], _NOTHING
    statement = functools.partial(_statement, model, tuple(columns), tuple(shared), suffix)
    starts = range(0, len(rows), ROWS_PER_STATEMENT)
    *full, last = [
        [*shared.values(), *itertools.chain.from_iterable(rows[start : start + ROWS_PER_STATEMENT])]
        for start in starts
    ]

    def insert() -> int | None:
        if full:
            _execute("executemany", statement(ROWS_PER_STATEMENT), full)
        cursor = _execute("execute", statement(len(rows) - starts[-1]), last)
        return getattr(cursor, "lastrowid", None)

    return insert


def prepare_insert_with_ids(
    model: type[models.Model], columns: ColumnNames, rows: RowValues, shared: SharedValues
) -> Callable[[], Sequence[int]]:
    """Return a function that inserts `rows` and returns their ids, in their order (see `prepare_insert`)."""
    if connection.vendor != "sqlite":
        return functools.partial(_draw_ids_and_insert, model, columns, rows, shared)
    insert = prepare_insert(model, columns, rows, shared=shared)

    def insert_numbered() -> Sequence[int]:
        last = insert() or 0
        # SQLite numbers rows in their order: nobody else writes meanwhile.
        return range(last - len(rows) + 1, last + 1)

    return insert_numbered


def _draw_ids_and_insert(
    model: type[models.Model], columns: ColumnNames, rows: RowValues, shared: SharedValues
) -> Sequence[int]:
    """Insert `rows` under ids that are drawn first, and return the ids.

    Nobody waits for another writer's transaction here, so nothing is prepared before it.
    """
    drawn = _execute("execute", _NEXT_IDS, [model._meta.db_table, len(rows)])
    ids = [pk for (pk,) in drawn.fetchall()]
    numbered = [(pk, *row) for pk, row in zip(ids, rows, strict=True)]
    prepare_insert(model, ["id", *columns], numbered, shared=shared)()
    return ids


@functools.lru_cache(4 * ROWS_PER_STATEMENT)
def _statement(
    model: type[models.Model], columns: tuple[str, ...], shared: tuple[str, ...], suffix: str, rows: int
) -> str:
    names = ", ".join(map(connection.ops.quote_name, [*shared, *columns]))
    insert, rows_values = "INSERT", iter([", ".join(["%s"] * len(columns))] * rows)
    if connection.vendor == "sqlite":
        # Rows before one that fails stay until the transaction is undone. To undo a statement alone, SQLite
        # first copies each page that it changes into a file: half of its writing.
        insert, rows_values = "INSERT OR FAIL", _numbered_values(len(columns), len(shared), rows)
    values = ", ".join(f"({row_values})" for row_values in rows_values)
    table = connection.ops.quote_name(model._meta.db_table)
    return f"{insert} INTO {table} ({names}) VALUES {values} {suffix}"


def _numbered_values(columns: int, shared: int, rows: int) -> Iterator[str]:
    """Return each row's parameters as SQLite numbers them: the shared ones come first."""
    numbers = [f"?{number}" for number in range(1, shared + columns * rows + 1)]
    starts = range(shared, len(numbers), columns)
    return (", ".join([*numbers[:shared], *numbers[start : start + columns]]) for start in starts)


def _execute(method: str, statement: str, values: object) -> Any:
    """Return the driver's cursor. Django's cursor would translate the statement for SQLite at every call."""
    with connection.wrap_database_errors:
        cursor = connection.connection.cursor()
        getattr(cursor, method)(statement, values)
        return cursor


def _prepare_copy(
    model: type[models.Model], columns: ColumnNames, rows: RowValues, shared: SharedValues
) -> Callable[[], None]:
    """Return a function that inserts `rows` by COPY (see `prepare_insert`)."""
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(map(connection.ops.quote_name, [*columns, *shared]))
    text = _copy_text(rows, [*shared.values()])

    def insert() -> None:
        statement = f"COPY {table} ({names}) FROM STDIN"
        with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
            copy.write(text)

    return insert


def _prepare_document(
    suffix: str, model: type[models.Model], columns: ColumnNames, rows: RowValues, shared: SharedValues
) -> Callable[[], None]:
    """Return a function that inserts `rows` in one statement, as one JSON document.

    Parameters of their own would take psycopg as long as the server takes for the rows.
    """
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, [*columns, *shared]))
    same = "".join(f", %s::{types[column]}" for column in shared)
    own = ", ".join(f"{quote(column)} {types[column]}" for column in columns)
    values = ", ".join(map(quote, columns))
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({names}) "  # noqa: S608 - names of the code
        f"SELECT {values}{same} FROM json_to_recordset(%s::json) AS own ({own}) {suffix}"
    )
    document = as_json([dict(zip(columns, row, strict=True)) for row in rows])

    def insert() -> None:
        _execute("execute", statement, [*shared.values(), document])

    return insert


def _copy_text(rows: RowValues, shared: Sequence[object]) -> str:
    """Write rows as COPY reads them, by column: psycopg writes by value, which takes four times as long."""
    columns = [_column_texts(column) for column in zip(*rows, strict=True)]
    end = "\t".join(["", *(_column_texts([value])[0] for value in shared)]) + "\n"
    return end.join([*map("\t".join, zip(*columns, strict=True)), ""])


def _column_texts(column: Sequence[Any]) -> Sequence[str]:
    types = set(map(type, column))
    if types == {str}:
        return _escaped(column)
    if types <= {int, float, type(None)}:  # one by one: 0 and -0 are equal and differ as texts
        return [r"\N" if value is None else str(value) for value in column]
    distinct = {value: r"\N" if value is None else _escaped([str(value)])[0] for value in set(column)}
    return [*map(distinct.__getitem__, column)]


def _escaped(texts: Sequence[str]) -> Sequence[str]:
    if not _COPY_SPECIAL.search("".join(texts)):
        return texts
    return [text.translate(_COPY_ESCAPES) for text in texts]


def as_json(value: object) -> str:
    """Return a value as the text of a JSON column."""
    return _encode(value).decode()


def as_time(value: datetime) -> object:
    """Return a time as this database stores it."""
    return connection.ops.adapt_datetimefield_value(value)


def reset() -> None:
    """Clear the cached texts of statements, which belong to one database."""
    _statement.cache_clear()
