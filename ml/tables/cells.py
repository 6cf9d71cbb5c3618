"""Prepare the cells of a database table or a Parquet file for the rules of `ml.applications.values`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ml.applications.number_texts import Convention
from ml.tables.csv_chunk import CellBlock

_PLAIN_TYPES = {str, int, float, type(None)}


class UnsupportedValue:
    """A value of a type that no feature accepts. It equals no other value, as ``True`` would equal 1."""

    __slots__ = ("_shown",)

    def __init__(self, value: object) -> None:
        self._shown = repr(value)[:80]

    def __repr__(self) -> str:
        return self._shown


def to_plain_cells(cells: Sequence[object]) -> Sequence[object]:
    """Return cells as texts, numbers, ``None`` or `UnsupportedValue`: types that a dictionary can look up.

    Examples
    --------
    >>> to_plain_cells(["LP-1", Decimal("128.5"), None])
    ['LP-1', 128.5, None]
    >>> to_plain_cells([True]) == [1]
    False
    """
    return cells if _PLAIN_TYPES.issuperset(map(type, cells)) else [*map(_plain_cell, cells)]


def _plain_cell(cell: object) -> object:
    if isinstance(cell, Decimal):
        return float(cell)
    return cell if type(cell) in _PLAIN_TYPES else UnsupportedValue(cell)


@dataclass(frozen=True, slots=True)
class QueryChunk:
    """One or more rows of the result of a query; the first row has the number `first`.

    `convention` is the decimal mark of numbers in texts, which a database does not tell.
    """

    first: int
    names: Sequence[str]
    rows: Sequence[Sequence[object]]
    convention: Convention | None = None

    def block(self) -> CellBlock:
        """Return the rows as columns of plain cells."""
        columns = map(to_plain_cells, zip(*self.rows, strict=True))
        lines = range(self.first, self.first + len(self.rows))
        return CellBlock(lines, dict(zip(self.names, columns, strict=True)), self.convention)
