"""Whole rows of a CSV as one piece of text: cheap to make, to send to another process, and to split there."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from ml.errors import DatasetError, DatasetFault
from ml.tables.plain_block import PlainBlock
from ml.tables.safe_csv import unescape_formula
from ml.tables.training_csv import cell_count_expectation


class CellBlock(NamedTuple):
    """Rows of cells.

    Attributes
    ----------
    lines : sequence of int, length n
        Where each row begins.
    columns : dict of str to sequence, each of length n
        Texts, or values as `ml.tables.cells.to_plain_cells` leaves them.
    """

    lines: Sequence[int]
    columns: dict[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class CsvChunk:
    """Whole rows of the file `name`, from `line` on.

    Attributes
    ----------
    failure : DatasetError or None
        What is wrong behind the text, within whose last quotes the file could not be read on.
    """

    name: str
    line: int
    text: str
    header: Sequence[str]
    delimiter: str
    failure: DatasetError | None = None

    def block(self) -> CellBlock | PlainBlock | None:
        """Return the rows, if any; raises `DatasetError` for the first that is no row of this file."""
        plain = PlainBlock.of(self.line, self.text, self.header, self.delimiter)
        if plain is not None:
            return plain
        rows = list(self._rows())
        columns: Iterable[Sequence[str]] = zip(*(cells for _, cells in rows), strict=True)
        if "'" in self.text:
            columns = ([*map(unescape_formula, cells)] for cells in columns)
        numbers = [line for line, _ in rows]
        return CellBlock(numbers, dict(zip(self.header, columns, strict=True))) if rows else None

    def head(self) -> tuple[list[str], int]:
        """Return the cells of the first row, and how many lines it takes."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)
        try:
            return next(reader, []), reader.line_num
        except csv.Error as error:
            raise self._fault(self.line + reader.line_num - 1, f"{error}") from None

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row and its line."""
        lines = itertools.chain(io.StringIO(self.text, newline=""), self._behind())
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

    def _behind(self) -> Iterator[str]:
        if self.failure:
            raise self.failure
        yield from ()

    def _fault(self, line: int, expected: str) -> DatasetError:
        return DatasetError(self.name, [DatasetFault(line, None, None, expected)])


@dataclass(frozen=True, slots=True)
class CsvFileChunk:
    """A chunk without its text, which stands in a file that every process of this machine can read.

    Attributes
    ----------
    offset, length : int
        Where the text stands, in bytes.
    """

    path: Path
    offset: int
    length: int
    empty: CsvChunk

    def block(self) -> CellBlock | PlainBlock | None:
        """Return the rows (see `Chunk.block`); raises `OSError`, too."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            text = file.read(self.length).decode()
        return replace(self.empty, text=text).block()
