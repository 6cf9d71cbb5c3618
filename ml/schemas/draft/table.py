"""Read a lender's table for a draft: its headings, and the cells of each column."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TextIO

from ml.errors import DatasetError, DatasetFault
from ml.schemas.draft.cells import CellCollector, Cells
from ml.tables.csv_stream import MAX_LINE_LENGTH
from ml.tables.header import detect_delimiter
from ml.tables.row_faults import cell_count_expectation

_BLOCK = 4_000  # rows
MAX_COLUMNS = 500


class DraftTable(NamedTuple):
    """The headings as they stand in the file, the cells of each column, and the number of rows."""

    headings: list[str]
    cells: list[Cells]
    rows: int


def read_table(name: str, content: bytes | Iterable[Sequence[str]]) -> DraftTable:
    """Read a CSV file or rows of cells, the heading first; comma, semicolon or tab, UTF-8, quotes.

    Raises
    ------
    DatasetError
        If this is no such table, or a row has more or fewer cells than the heading.
    """
    rows = csv_rows(name, content) if isinstance(content, bytes) else enumerate(content, 1)
    numbered = iter(rows)
    headings = [heading.strip() for heading in next(numbered, (1, []))[1]]
    if len(headings) < 2 or len(headings) > MAX_COLUMNS:
        raise _fault(name, 1, f"a heading of 2 to {MAX_COLUMNS} columns is expected, not {len(headings)}")
    collectors = [CellCollector() for _ in headings]
    count = 0
    for block in _blocks(name, numbered, headings):
        count += len(block)
        for collector, cells in zip(collectors, zip(*block, strict=True), strict=True):
            collector.add(cells)
    if not count:
        raise _fault(name, 2, "at least one row is expected")
    return DraftTable(headings, [collector.cells() for collector in collectors], count)


def csv_rows(name: str, content: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the line and the cells of each row that is not blank."""
    file = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline="")
    reader = csv.reader(_lines(name, file), delimiter=detect_delimiter(content))
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except UnicodeDecodeError:
        raise _fault(name, line, "UTF-8 text is expected; save the table as CSV UTF-8") from None
    except csv.Error as error:
        raise _fault(name, reader.line_num, f"{error}") from None


def _lines(name: str, file: TextIO) -> Iterator[str]:
    """Yield lines; a file without line breaks is not read whole."""
    number = 0
    while line := file.readline(MAX_LINE_LENGTH):
        number += 1
        if len(line) == MAX_LINE_LENGTH and line[-1] not in "\r\n":
            raise _fault(name, number, f"lines of at most {MAX_LINE_LENGTH:,} characters are expected")
        if "\0" in line:
            raise _fault(name, number, "text without NUL characters is expected")
        yield line


def _blocks(
    name: str, numbered: Iterator[tuple[int, Sequence[str]]], headings: Sequence[str]
) -> Iterator[list[Sequence[str]]]:
    while pairs := list(itertools.islice(numbered, _BLOCK)):
        for line, cells in pairs:
            if len(cells) != len(headings):
                raise _fault(name, line, cell_count_expectation(headings, cells))
        yield [cells for _, cells in pairs]


def _fault(name: str, line: int, expected: str) -> DatasetError:
    return DatasetError(name, [DatasetFault(line, None, None, expected)])
