"""Many rows at once, without an ORM object per row (which took four fifths of an array's time).

What can be done before a transaction is done by the function that prepares the insert: a transaction keeps
other writers waiting.
"""

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, models

MIN_ROWS_FOR_COPY = 20  # rows; a statement with fewer is quicker
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_SPECIAL = re.compile(r"[\\\t\n\r]")
RowValues = Sequence[Sequence[Any]]


def prepare_copy(
    model: type[models.Model], columns: Sequence[str], rows: RowValues, shared: Mapping[str, Any]
) -> Callable[[], None]:
    """Return what inserts `rows` (see `inserts.prepare_insert`)."""
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(map(connection.ops.quote_name, [*columns, *shared]))
    text = _text(rows, [*shared.values()])

    def insert() -> None:
        copy = f"COPY {table} ({names}) FROM STDIN"
        with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(copy) as copied:
            copied.write(text)

    return insert


def _text(rows: RowValues, shared: Sequence[Any]) -> str:
    """Return rows as COPY reads them; psycopg writes them value by value, which takes four times as long."""
    columns = [_texts(column) for column in zip(*rows, strict=True)]
    end = "\t".join(["", *(_texts([value])[0] for value in shared)]) + "\n"
    return end.join([*map("\t".join, zip(*columns, strict=True)), ""])


def _texts(column: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, column))
    if kinds == {str}:
        return _escaped(column)
    if kinds <= {int, float, type(None)}:
        return [r"\N" if value is None else str(value) for value in column]
    distinct = {value: r"\N" if value is None else _escaped([str(value)])[0] for value in set(column)}
    return [*map(distinct.__getitem__, column)]


def _escaped(texts: Sequence[str]) -> Sequence[str]:
    return [text.translate(_ESCAPES) for text in texts] if _SPECIAL.search("".join(texts)) else texts


# SQLite gives the interpreter away at every statement, and gets it back when the other threads let it.
ROWS_PER_STATEMENT = 25
_NEXT_IDS = (
    "WITH its AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence) "
    "SELECT nextval(sequence) FROM its, generate_series(1, %s)"
)
_encode = msgspec.json.Encoder().encode

ColumnNames = Sequence[str]
SharedValues = Mapping[str, Any]
_NOTHING: SharedValues = {}


def prepare_insert(
    model: type[models.Model],
    columns: ColumnNames,
    rows: RowValues,
    then: str = "",
    shared: SharedValues = _NOTHING,
) -> Callable[[], Any]:
    """Return what inserts `rows` into the model's table and returns the last one's id, if it is known.

    `columns` names what a row holds, `shared` gives the value of each column that is the same in all rows,
    and `then` ends the statement. All but the values are constants of the code, never input.
    """
    if (
        connection.vendor == "postgresql" and len(rows) >= MIN_ROWS_FOR_COPY and not then
    ):  # COPY knows no conflicts
        return prepare_copy(model, columns, rows, shared)
    if connection.vendor != "sqlite":  # only its driver takes a value once for all rows
        columns = [*columns, *shared]
        rows, shared = [(*row, *shared.values()) for row in rows], _NOTHING
    statement = functools.partial(_statement, model, tuple(columns), tuple(shared), then)
    starts = range(0, len(rows), ROWS_PER_STATEMENT)
    *full, last = [
        [*shared.values(), *itertools.chain.from_iterable(rows[start : start + ROWS_PER_STATEMENT])]
        for start in starts
    ]

    def insert() -> Any:
        if full:
            _execute("executemany", statement(ROWS_PER_STATEMENT), full)
        cursor = _execute("execute", statement(len(rows) - starts[-1]), last)
        return getattr(cursor, "lastrowid", None)

    return insert


@functools.lru_cache(4 * ROWS_PER_STATEMENT)
def _statement(
    model: type[models.Model], columns: tuple[str, ...], shared: tuple[str, ...], then: str, rows: int
) -> str:
    names = ", ".join(map(connection.ops.quote_name, [*shared, *columns]))
    insert, places = "INSERT", iter([", ".join(["%s"] * len(columns))] * rows)
    if connection.vendor == "sqlite":
        # Rows before one that fails stay until the transaction is undone; else SQLite copies each page of
        # each statement into a file of its own first, to undo the statement alone: half of its writing.
        insert, places = "INSERT OR FAIL", _numbered(len(columns), len(shared), rows)
    values = ", ".join(f"({place})" for place in places)
    table = connection.ops.quote_name(model._meta.db_table)
    return f"{insert} INTO {table} ({names}) VALUES {values} {then}"


def _numbered(columns: int, shared: int, rows: int) -> Iterator[str]:
    """Return each row's values as SQLite numbers them: those that all share come first."""
    numbers = [f"?{number}" for number in range(1, shared + columns * rows + 1)]
    starts = range(shared, len(numbers), columns)
    return (", ".join([*numbers[:shared], *numbers[start : start + columns]]) for start in starts)


def _execute(method: str, statement: str, values: Any) -> Any:
    """Return the driver's cursor; Django's would translate the statement for SQLite anew at every call."""
    with connection.wrap_database_errors:
        cursor = connection.connection.cursor()
        getattr(cursor, method)(statement, values)
        return cursor


def prepare_insert_with_ids(
    model: type[models.Model], columns: ColumnNames, rows: RowValues, shared: SharedValues
) -> Callable[[], Sequence[int]]:
    """Return what inserts `rows` and returns their ids, in their order (see `prepare_insert`)."""
    if connection.vendor == "sqlite":
        insert, ids = prepare_insert(model, columns, rows, shared=shared), None
    else:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_IDS, [model._meta.db_table, len(rows)])
            ids = [pk for (pk,) in cursor.fetchall()]
        numbered = [(pk, *row) for pk, row in zip(ids, rows, strict=True)]
        insert = prepare_insert(model, ["id", *columns], numbered, shared=shared)

    def numbered_insert() -> Sequence[int]:
        last = insert()
        # SQLite numbers rows in their order: nobody else writes meanwhile.
        return ids or range(last - len(rows) + 1, last + 1)

    return numbered_insert


def as_json(value: Any) -> str:
    """Return a value as the text of a JSON column."""
    return _encode(value).decode()


def as_time(value: datetime) -> Any:
    """Return a time as this database stores it."""
    return connection.ops.adapt_datetimefield_value(value)


def reset() -> None:
    """Write every statement anew."""
    _statement.cache_clear()
