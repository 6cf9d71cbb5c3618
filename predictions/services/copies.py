"""Many rows at once on PostgreSQL: by COPY into a temporary table, then from there in one statement.

In a statement that holds the rows themselves each look-up is planned anew for each row: half a millisecond.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, models

FEWEST = 20  # rows; fewer are quicker in one statement than in four
_TYPES = {int: "bigint", str: "text"}
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_SPECIAL = re.compile(r"[\\\t\n\r]")
Columns = Mapping[str, str]
Rows = Sequence[Sequence[Any]]


def copied_insert(
    model: type[models.Model], columns: Columns, rows: Rows, then: str, shared: Mapping[str, Any]
) -> Callable[[], None]:
    """Return what inserts `rows` (see `inserts.prepared_insert`)."""
    table = model._meta.db_table
    staging = connection.ops.quote_name(f"staging_{table}")
    types = ", ".join(f"c{place} {kind}" for place, kind in enumerate(_types(model, columns, rows[0])))
    names = ", ".join(map(connection.ops.quote_name, [*columns, *shared]))
    values = ", ".join([_numbered(", ".join(columns.values())), *_casts(model, shared)])
    create = f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} ({types}) ON COMMIT DELETE ROWS"
    move = f"INSERT INTO {connection.ops.quote_name(table)} ({names}) SELECT {values} FROM {staging} {then}"  # noqa: S608 - constants of the code
    text = _text(rows)

    def insert() -> None:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.execute(create)
            cursor.execute(f"DELETE FROM {staging}")  # noqa: S608 - as above; what this transaction left there
            with cursor.copy(f"COPY {staging} FROM STDIN") as copied:
                copied.write(text)
            cursor.execute(move, list(shared.values()))

    return insert


def _types(model: type[models.Model], columns: Columns, example: Sequence[Any]) -> Iterator[str]:
    """Yield the type of each value of a row: its column's, or its own where it is only looked up by."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    values = iter(example)
    for name, expression in columns.items():
        given = [next(values) for _ in range(expression.count("%s"))]
        if expression == "%s":
            yield str(fields[name].db_type(connection))
        else:
            yield from (_TYPES[type(value)] for value in given)


def _casts(model: type[models.Model], shared: Mapping[str, Any]) -> Iterator[str]:
    fields = {field.column: field for field in model._meta.concrete_fields}
    return (f"CAST(%s AS {fields[name].db_type(connection)})" for name in shared)


def _numbered(expressions: str) -> str:
    """Put a column of the temporary table in each value's place."""
    places = iter(range(expressions.count("%s")))
    return re.sub("%s", lambda _: f"c{next(places)}", expressions)


def _text(rows: Rows) -> str:
    """Return rows as COPY reads them; psycopg writes them value by value, which takes four times as long."""
    columns = [_texts(column) for column in zip(*rows, strict=True)]
    return "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"


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
