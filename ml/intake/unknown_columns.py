"""Read a person's file whose columns no schema describes yet, as a draft of a schema needs it."""

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ml.applications.error_texts import is_error_text, may_hold_errors
from ml.applications.number_texts import Convention, number_readings
from ml.errors import DatasetError, DatasetFault
from ml.intake.alone import OPTIONS, Door, require_decided
from ml.intake.conventions import ConventionFinder
from ml.intake.plain_file import decimal_text
from ml.intake.rows import Cell, Row, fitted_rows, is_empty
from ml.intake.sources import Source, open_source
from ml.intake.understanding import Wishes
from ml.schemas.features import MISSING_TEXT
from ml.tables.training_csv import MIN_ROWS_PER_CLASS

_SEARCHED = 20  # rows in which the headings may stand
_SAMPLE = 1000  # rows that tell which columns hold numbers
_BLOCK = 4096  # rows
_TRIED_SHEETS = 10  # of a workbook
_LEAST_ROWS = 2 * MIN_ROWS_PER_CLASS


class UnknownTable(NamedTuple):
    """A table as plain CSV: UTF-8, and plain decimals; and sentences for its sender.

    Line k is row k of the file. A workbook has sheets, of which one is read.
    """

    content: bytes
    notes: Sequence[str]
    sheet: str | None = None
    sheets: Sequence[str] = ()


def read_unknown(
    name: str, path: Path, wishes: Wishes, *, door: Door = OPTIONS, heading: str = ""
) -> UnknownTable:
    """Read a file of any kind whose columns nobody knows.

    Of a workbook the first sheet is read that may be a table to train on: a cover is passed over.

    The headings are the first row with nearly as many cells as any. A column holds numbers if at least half
    of its first cells are numbers as people write them.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    wishes : Wishes
        The sheet and the decimal mark.
    door : Door
        Where the file came from, for messages.
    heading : str
        A heading that the sheet must have, unless no sheet has it.

    Returns
    -------
    UnknownTable
        The bytes of the file itself if it is plain.

    Raises
    ------
    DatasetError
        If the file cannot be read; `TwoMeanings` if numbers depend on a decimal mark that nothing decides.
    InvalidValue
        If the file has no such sheet.
    """
    source = open_source(name, path, wishes.sheet)
    notes = source.notes
    if wishes.sheet is None and len(source.sheets) > 1:
        likely = _likely_sheet(source, path, heading)
        passed_over = [] if likely is source else ["The first sheet is no such table; this one is read."]
        others = ", ".join(repr(sheet) for sheet in likely.sheets[:_TRIED_SHEETS] if sheet != likely.sheet)
        source, notes = likely, [*passed_over, *likely.notes, f"Other sheets: {others}."]
    content = _plain_content(source, path, wishes, door)
    return UnknownTable(content, notes, source.sheet, source.sheets)


def _likely_sheet(first: Source, path: Path, heading: str) -> Source:
    """Return the first sheet with enough rows for a model, and with a heading; else the first sheet."""
    for sheet in first.sheets[:_TRIED_SHEETS]:
        with suppress(DatasetError):
            source = first if sheet == first.sheet else open_source(first.name, path, sheet)
            table = _Table(source, *_headings(source))
            rows = sum(1 for _ in itertools.islice(table.rows(), _LEAST_ROWS))
            if len(table.headings) > 1 and rows == _LEAST_ROWS and heading in ("", *table.headings):
                return source
    return first


def _plain_content(source: Source, path: Path, wishes: Wishes, door: Door) -> bytes:
    table = _Table(source, *_headings(source))
    is_regular = table.is_regular()
    if table.is_plain and source.delimiter == "," and wishes.decimal is not Convention.COMMA:
        content = path.read_bytes()
        if is_regular and b'"' not in content:  # no cell has a comma
            return content
    numbers = table.number_columns()
    convention = wishes.decimal or _found_convention(table, numbers, door)
    text = io.StringIO()
    changed = _write(table, numbers, convention, text)
    is_kept = table.is_plain and is_regular and not changed
    return path.read_bytes() if is_kept else text.getvalue().encode()


class _Table:
    """The rows of a file below its headings."""

    def __init__(self, source: Source, line: int, headings: Sequence[str], is_whole: bool) -> None:
        self.source, self.name, self.line, self.headings = source, source.name, line, headings
        self.is_plain = source.is_plain and line == 1 and is_whole

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the headings. Raises `DatasetError` for rows of another length, and errors."""
        for line, cells in fitted_rows(self.name, self._below(), self.headings):
            if may_hold_errors("".join(map(str, cells))):
                self._require_no_error(line, cells)
            yield line, cells

    def _require_no_error(self, line: int, cells: Sequence[Cell]) -> None:
        for heading, cell in zip(self.headings, cells, strict=True):
            # Of the texts of errors, #N/A means a missing value.
            if isinstance(cell, str) and is_error_text(text := cell.strip()) and text not in MISSING_TEXT:
                expected = "a value is expected, not an error of the spreadsheet"
                raise DatasetError(self.name, [DatasetFault(line, heading, text, expected)])

    def is_regular(self) -> bool:
        """Return True if `rows` yields every row as it stands, without a look at numbers."""
        width = len(self.headings)
        return all(
            len(cells) == width
            and not all(map(is_empty, cells))
            and not may_hold_errors("".join(map(str, cells)))
            for _, cells in self._below()
        )

    def _below(self) -> Iterator[Row]:
        return (row for row in self.source.rows() if row[0] > self.line)

    def number_columns(self) -> list[int]:
        """Return the places of the columns whose first cells are numbers for the most part."""
        sample = [cells for _, cells in itertools.islice(self.rows(), _SAMPLE)]
        columns = [*zip(*sample, strict=True)]
        return [place for place, cells in enumerate(columns) if _are_numbers(cells)]


def _headings(source: Source) -> tuple[int, Sequence[str], bool]:
    """Return the line of the headings, the headings, and whether no empty ones were left out at the end."""
    rows = [*itertools.islice(source.rows(), _SEARCHED)]
    filled = [sum(not is_empty(cell) for cell in cells) for _, cells in rows]
    least = max(max(filled, default=0) - 1, 1)  # an index column has no heading
    found = next((cells for (_, cells), count in zip(rows, filled, strict=True) if count >= least), [])
    if any(not is_empty(cell) and _is_number(cell) for cell in found):
        least = min(least, 2)  # a row of data, longer than its headings: it is refused for its cells
    for (line, cells), count in zip(rows, filled, strict=True):
        if count >= least:
            texts = [" ".join(_text(cell).split()) for cell in cells]
            width = max(place for place, text in enumerate(texts, 1) if text)
            return line, texts[:width], width == len(texts)
    expected = "a row of headings is expected; the file is empty"
    raise DatasetError(source.name, [DatasetFault(1, None, None, expected)])


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else decimal_text(cell)


def _are_numbers(cells: Sequence[Cell]) -> bool:
    given = [cell for cell in cells if not isinstance(cell, str) or cell.strip() not in MISSING_TEXT]
    return bool(given) and 2 * sum(map(_is_number, given)) >= len(given)


def _is_number(cell: Cell) -> bool:
    return not isinstance(cell, str) or any(reading is not None for reading in number_readings(cell))


def _found_convention(table: _Table, numbers: Sequence[int], door: Door) -> Convention | None:
    """Return the decimal mark that the cells prove. Raises `TwoMeanings` if they leave it open."""
    finder = ConventionFinder()
    rows = table.rows()
    for block in iter(lambda: [*itertools.islice(rows, _BLOCK)], []):
        for place in numbers:
            placed = [(line, cells[place]) for line, cells in block if _is_number(cells[place])]
            lines, cells = [line for line, _ in placed], [cell for _, cell in placed]
            finder.add(table.headings[place], lines, cells)
    convention = finder.convention(table.name, table.source.delimiter)
    if convention is None:
        require_decided(table.name, finder.open_cells, door)
    return convention


def _write(table: _Table, numbers: Sequence[int], convention: Convention | None, file: io.StringIO) -> bool:
    """Write the table as plain CSV, and return whether a number is written in another way."""
    writer = csv.writer(file, lineterminator="\n")
    file.write("\n" * (table.line - 1))
    writer.writerow(table.headings)
    last, changed = table.line, False
    for line, cells in table.rows():
        texts = [" ".join(text.splitlines()) for text in map(_text, cells)]
        for place in numbers:
            given, texts[place] = texts[place], _plain(table, line, place, texts[place], convention)
            changed = changed or given != texts[place]
        file.write("\n" * (line - last - 1))
        writer.writerow(texts)
        last = line
    return changed


def _plain(table: _Table, line: int, place: int, text: str, convention: Convention | None) -> str:
    """Return a number as a plain decimal, and any other text as it is."""
    point, comma = number_readings(text)
    plain, other = (comma, point) if convention is Convention.COMMA else (point, comma)
    if plain is None and other is not None and convention is not None:
        expected = f"a number with a decimal {convention} is expected, as in the whole file"
        raise DatasetError(table.name, [DatasetFault(line, table.headings[place], text, expected)])
    return text if plain is None else plain
