"""Complete rows of a CSV file as one text: cheap to make and to send to another process, which splits it."""

import csv
import io
import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from ml.applications.number_texts import Convention
from ml.errors import DatasetError, DatasetFault
from ml.tables.plain_block import PlainBlock
from ml.tables.row_faults import cell_count_expectation
from ml.tables.safe_csv import unescape_formula


class CellBlock(NamedTuple):
    """Rows, as columns of cells.

    Attributes
    ----------
    lines : sequence of int, length n
        The line of the file in which each row starts.
    columns : dict of str to sequence, each of length n
        Texts, or values that `ml.tables.cells.to_plain_cells` returned.
    convention : Convention or None
        The decimal mark of numbers in texts; ``None`` if it is unknown.
    """

    lines: Sequence[int]
    columns: dict[str, Sequence[Any]]
    convention: Convention | None = Convention.POINT

    @property
    def names(self) -> Collection[str]:
        """The names of the columns."""
        return self.columns.keys()

    def cells(self, column: str) -> Sequence[Any]:
        """Return the cells of a column."""
        return self.columns[column]

    def take(self, chosen: Sequence[bool]) -> "CellBlock":
        """Return the chosen rows."""
        columns: dict[str, Sequence[Any]] = {
            name: [*itertools.compress(cells, chosen)] for name, cells in self.columns.items()
        }
        return CellBlock([*itertools.compress(self.lines, chosen)], columns, self.convention)


@dataclass(frozen=True, slots=True)
class CsvChunk:
    """Complete rows of the file `name`, from `line` on.

    Attributes
    ----------
    failure : DatasetError or None
        An error of the file behind `text`, which ends inside quotes that could not be read to their end.
    """

    name: str
    line: int
    text: str
    header: Sequence[str]
    delimiter: str
    failure: DatasetError | None = None

    def block(self) -> CellBlock | PlainBlock | None:
        """Return the rows, or ``None`` if there are none.

        Raises
        ------
        DatasetError
            For the first row that does not fit the header.
        """
        return self.plain_block(self.text.encode()) or self.cell_block()

    def plain_block(self, content: bytes) -> PlainBlock | None:
        """Return the rows of `content`, which is the text in UTF-8, if they can be read by `PlainBlock`."""
        return PlainBlock.of(self.line, content, self.header, self.delimiter)

    def cell_block(self) -> CellBlock | None:
        """Return the rows as `block` does, split by the csv module."""
        lines, rows = self._rows_of_one_line() or self._any_rows()
        columns: Iterable[Sequence[str]] = zip(*rows, strict=True)
        if "'" in self.text:
            columns = ([*map(unescape_formula, cells)] for cells in columns)
        return CellBlock(lines, dict(zip(self.header, columns, strict=True))) if rows else None

    def head(self) -> tuple[list[str], int]:
        """Return the cells of the first row, and the number of its lines."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)
        try:
            return next(reader, []), reader.line_num
        except csv.Error as error:
            raise self._fault(self.line + reader.line_num - 1, f"{error}") from None

    def _rows_of_one_line(self) -> tuple[Sequence[int], list[list[str]]] | None:
        """Return lines and rows if each line is a row with all its cells, as is usual: this is quicker."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)
        try:
            rows = [] if self.failure else list(reader)
        except csv.Error:
            return None
        plain = reader.line_num == len(rows) and {len(self.header)} == set(map(len, rows))
        return (range(self.line, self.line + len(rows)), rows) if plain else None

    def _any_rows(self) -> tuple[Sequence[int], list[list[str]]]:
        rows = list(self._rows())
        return [line for line, _ in rows], [cells for _, cells in rows]

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row and the line in which it starts."""
        lines = itertools.chain(io.StringIO(self.text, newline=""), self._raise_failure())
        reader, start = csv.reader(lines, delimiter=self.delimiter), self.line
        try:
            for cells in reader:
                if cells and len(cells) != len(self.header):
                    raise self._fault(start, cell_count_expectation(self.header, cells))
                if cells:
                    yield start, cells
                start = self.line + reader.line_num
        except csv.Error as error:
            raise self._fault(self.line + reader.line_num - 1, f"{error}") from None

    def _raise_failure(self) -> Iterator[str]:
        if self.failure:
            raise self.failure
        yield from ()

    def _fault(self, line: int, expected: str) -> DatasetError:
        return DatasetError(self.name, [DatasetFault(line, None, None, expected)])


@dataclass(frozen=True, slots=True)
class CsvFileChunk:
    """A chunk whose text is read from a file that every process of this machine can open.

    Attributes
    ----------
    offset, length : int
        Position of the text in the file, in bytes.
    empty : CsvChunk
        The chunk without its text.
    """

    path: Path
    offset: int
    length: int
    empty: CsvChunk

    def block(self) -> CellBlock | PlainBlock | None:
        """Return the rows (see `CsvChunk.block`).

        Raises
        ------
        DatasetError, OSError
        """
        with self.path.open("rb") as file:
            file.seek(self.offset)
            content = file.read(self.length)
        plain = self.empty.plain_block(content)
        return plain or replace(self.empty, text=content.decode()).cell_block()
