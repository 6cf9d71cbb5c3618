"""The rows of a file before anybody knows what its columns mean."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from ml.errors import DatasetError, DatasetFault
from ml.tables.row_faults import cell_count_expectation

Cell = str | float
"""A text, or a number that a spreadsheet stored as a number."""

Row = tuple[int, Sequence[Cell]]
"""The line or the spreadsheet's row number, and the cells."""

Rows = Callable[[], Iterator[Row]]
"""Reads the rows of a file from its start; each call reads them again."""


def is_empty(cell: Cell) -> bool:
    """Return True for a text of spaces or nothing."""
    return isinstance(cell, str) and not cell.strip()


def fitted_rows(name: str, rows: Iterable[Row], headings: Sequence[str]) -> Iterator[Row]:
    """Yield each row that is not empty with as many cells as there are headings.

    Empty cells behind the last heading are cut off.

    Raises
    ------
    DatasetError
        For a row with fewer cells, or with values behind the last heading.
    """
    width = len(headings)
    for line, cells in rows:
        if all(map(is_empty, cells)):
            continue
        if len(cells) == width:
            yield line, cells
        elif len(cells) > width and all(map(is_empty, cells[width:])):
            yield line, cells[:width]
        else:
            expected = cell_count_expectation(headings, [*map(str, cells)])
            raise DatasetError(name, [DatasetFault(line, None, None, expected)])
