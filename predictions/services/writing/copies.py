"""Many rows at once on PostgreSQL, by COPY."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection, models

FEWEST = 20  # rows; a statement with fewer is quicker
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_SPECIAL = re.compile(r"[\\\t\n\r]")
Rows = Sequence[Sequence[Any]]


def copied_insert(
    model: type[models.Model], columns: Sequence[str], rows: Rows, shared: Mapping[str, Any]
) -> Callable[[], None]:
    """Return what inserts `rows` (see `inserts.prepared_insert`)."""
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(map(connection.ops.quote_name, [*columns, *shared]))
    text = _text(rows, [*shared.values()])

    def insert() -> None:
        copy = f"COPY {table} ({names}) FROM STDIN"
        with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(copy) as copied:
            copied.write(text)

    return insert


def _text(rows: Rows, shared: Sequence[Any]) -> str:
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
