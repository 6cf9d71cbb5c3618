"""The rows of a file before anybody knows what its columns mean."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Self

from ml.errors import DatasetError, DatasetFault
from ml.tables.row_faults import cell_count_expectation

Cell = str | float
"""A text, or a number that a spreadsheet stored as a number."""

Row = tuple[int, Sequence[Cell]]
"""The line or the spreadsheet's row number, and the cells."""

Rows = Callable[[], Iterator[Row]]
"""Reads the rows of a file from its start; each call reads them again."""

_BLOCK = 4096  # rows


class Block(NamedTuple):
    """Some rows by column: their lines, and the cells of each column. All rows have as many cells."""

    lines: Sequence[int]
    columns: Sequence[Sequence[Cell]]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        """Return the block of some rows, at least one, that have as many cells."""
        return cls([line for line, _ in rows], [*zip(*(cells for _, cells in rows), strict=True)])

    def rows(self) -> Iterator[Row]:
        """Yield the rows."""
        return zip(self.lines, zip(*self.columns, strict=True), strict=True)

    def below(self, line: int) -> Self:
        """Return the rows below a line."""
        first = sum(number <= line for number in self.lines)
        return self._replace(lines=self.lines[first:], columns=[cells[first:] for cells in self.columns])


Blocks = Callable[[], Iterator[Block]]
"""Reads the rows of a sheet from its start; each call reads them again."""


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


def blocks_of(rows: Iterable[Row]) -> Iterator[Block]:
    """Yield rows of the same number of cells by the block."""
    rows = iter(rows)
    return map(Block.of, iter(lambda: [*itertools.islice(rows, _BLOCK)], []))


def fitted_blocks(
    name: str, blocks: Iterable[Block], header: int, headings: Sequence[str]
) -> Iterator[Block]:
    """Yield the rows below the row of the headings, fitted as `fitted_rows` does; raises what it raises."""
    for block in blocks:
        below = block if block.lines[0] > header else block.below(header)
        if _fits(below, len(headings)):
            yield below._replace(columns=below.columns[: len(headings)])
        else:
            yield from blocks_of(fitted_rows(name, below.rows(), headings))


def _fits(block: Block, width: int) -> bool:
    """Return True if it is quick to see that no row is empty and nothing stands behind the headings."""
    behind = itertools.chain.from_iterable(block.columns[width:])
    return len(block.columns) >= width and any(map(_is_full, block.columns)) and {*behind} <= {""}


def _is_full(cells: Sequence[Cell]) -> bool:
    """Return True if no cell is empty, and all are of one kind."""
    kinds = {*map(type, cells)}
    return kinds == {float} or (kinds == {str} and all(map(str.strip, cells)))  # type: ignore[arg-type]
