"""Read cells of a database table or a Parquet file by the rules of `ml.applications.values`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ml.tables.csv_chunk import CellBlock

_PLAIN = {str, int, float, type(None)}


class UnsupportedValue:
    """A value of a type that no feature takes; equal to no other value, unlike ``True``, which equals 1."""

    __slots__ = ("_shown",)

    def __init__(self, value: object) -> None:
        self._shown = repr(value)[:80]

    def __repr__(self) -> str:
        return self._shown


def to_plain_cells(cells: Sequence[Any]) -> Sequence[Any]:
    """Return cells that are texts, numbers, ``None`` or `UnsupportedValue`, and can be looked up in a
    dict."""
    return cells if _PLAIN.issuperset(map(type, cells)) else [*map(_plain, cells)]


def _plain(cell: Any) -> Any:
    if isinstance(cell, Decimal):
        return float(cell)
    return cell if type(cell) in _PLAIN else UnsupportedValue(cell)


@dataclass(frozen=True, slots=True)
class QueryChunk:
    """At least one row of a query's result; the first has the number `first`."""

    first: int
    names: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def block(self) -> CellBlock:
        columns = map(to_plain_cells, zip(*self.rows, strict=True))
        lines = range(self.first, self.first + len(self.rows))
        return CellBlock(lines, dict(zip(self.names, columns, strict=True)))
