"""Read a sheet in a process of its own, with little memory: ``python -m ml.intake.workbook_child``.

A workbook can be made so that reading it takes all memory or never ends; then only this process dies.
Arguments: the workbook, its kind, the sheet's name (empty: the first visible one), and the number of an open
file. Rows that are not empty are written there as JSON, some at a time: their numbers, and the cells of each
column, texts or numbers. The size of this JSON stands in front of it.
Standard output gets one JSON object about the workbook. Little is imported, so that this starts fast.
"""

import io
import itertools
import math
import os
import resource
import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec

from ml.applications.error_texts import UNSTORED_TEXT, error_text
from ml.intake.error_cells import ERRORS, UNSTORED, XlsFile, with_error_texts

MAX_MEMORY = 256 << 20  # bytes of address space
MAX_SECONDS = 30  # of processor time
MAX_WRITTEN = 256 << 20  # bytes of rows: many cells may share one long text
MAX_ROWS = 250_000
MAX_CELLS = 8_000_000
SIZE_BYTES = 8  # in front of a block
_BLOCK = 1 << 14  # cells; a block of larger ones could take more memory than the sheet
_LONGEST = 1e15
_JSON_TYPES = frozenset([str, float])
_encode = msgspec.json.Encoder().encode
Facts = dict[str, Any]
_Place = tuple[int, int]  # row and column, from 0
_Column = Sequence[str | float]


def main(path: str, kind: str, sheet: str, spool: str) -> None:
    """Read a sheet and tell about it."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_WRITTEN, MAX_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        facts = _read(path, kind, sheet, int(spool))
    except (OSError, MemoryError):  # the file of rows may not grow further
        facts = {"fault": "size"}
    except Exception as error:  # a damaged file fails anywhere
        facts = {"fault": "unreadable", "detail": " ".join(f"{error}".split())[:200] or type(error).__name__}
    sys.stdout.buffer.write(_encode(facts))


def _read(path: str, kind: str, wanted: str, spool: int) -> Facts:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    xls = XlsFile(path) if kind == "xls" else None
    if xls is not None and xls.has_password:
        return {"fault": "password"}
    marked = with_error_texts(path, kind)
    with open(path, "rb") if marked.content is None else io.BytesIO(marked.content) as file:
        workbook = load_workbook(file)  # of a path, it would believe the ending
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    names = [sheet.name for sheet in sheets]
    visible = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    name = wanted or next(iter(visible or names), "")
    if name not in names:
        return {"fault": "no sheet", "sheets": names}
    sheet = workbook.get_sheet_by_name(name)
    if sheet.total_height > MAX_ROWS or sheet.total_height * sheet.total_width > MAX_CELLS:
        return {"fault": "size"}
    first = sheet.start[1] if sheet.start else 0  # rows are read from the first one, columns from here
    cells = _Cells(xls.errors(name, first) if xls else {})
    with os.fdopen(spool, "wb", closefd=False) as file:
        for block in cells.blocks(sheet.iter_rows(), max(1, _BLOCK // max(1, sheet.total_width))):
            file.write(len(block).to_bytes(SIZE_BYTES) + block)
    areas = sheet.merged_cell_ranges
    merged = marked.merged if areas is None else len(areas)
    return {"sheets": names, "sheet": name, "merged": merged, "hidden": marked.hidden, **cells.facts}


class _Cells:
    """Turns cells into texts and numbers, and counts those that need a word."""

    def __init__(self, errors: Mapping[_Place, str]) -> None:
        self._errors = errors
        self._first: tuple[_Place, str] | None = None  # of the errors
        self._found = self._long = self._unstored = 0

    @property
    def facts(self) -> Facts:
        """Counts of cells that need a word, and the first one of the error values."""
        errors = {"errors": self._found, "error": self._first[1] if self._first else ""}
        return {**errors, "long": self._long, "unstored": self._unstored}

    def blocks(self, rows: Iterator[list[Any]], size: int) -> Iterator[bytes]:
        """Yield rows that are not empty as JSON, some at a time; rows count from 1."""
        first = 0
        while block := [*itertools.islice(rows, size)]:
            columns: Sequence[_Column] = [
                self._column(cells, place, first) for place, cells in enumerate(zip(*block, strict=True))
            ]
            numbers: Sequence[int] = range(first + 1, first + 1 + len(block))
            first += len(block)
            if empty := _empty_rows(columns):
                numbers, *columns = [_without(empty, cells) for cells in (numbers, *columns)]
            if numbers:
                yield _encode(([*numbers], columns))

    def _column(self, cells: Sequence[Any], column: int, first: int) -> _Column:
        """Return the cells of a column from the row `first` on, which counts from 0."""
        plain: _Column = cells if _JSON_TYPES.issuperset(map(type, cells)) else [*map(_plain, cells)]
        numbers = [cell for cell in plain if type(cell) is float]
        texts = [cell for cell in plain if type(cell) is str] if len(numbers) < len(plain) else []
        if self._errors or "#" in "".join(texts) or not math.isfinite(sum(numbers)):
            plain = [self._checked(cell, (row, column)) for row, cell in enumerate(plain, first)]
            numbers = [cell for cell in plain if type(cell) is float]
        if numbers and not _LONGEST > max(numbers) >= min(numbers) > -_LONGEST:
            self._long += sum(not _LONGEST > number > -_LONGEST for number in numbers)
        return plain

    def _checked(self, cell: str | float, place: _Place) -> str | float:
        """Return a cell; an error as a text that no reader takes for a missing value, as ``#N/A``.

        A number beyond all numbers, such as 1e999, is an error too.
        """
        is_error = cell in ERRORS or cell == UNSTORED if isinstance(cell, str) else not math.isfinite(cell)
        error = self._errors.get(place) or (f"{cell}" if is_error else None)
        if error is None:
            return cell
        if error == UNSTORED:
            self._unstored += 1
            return UNSTORED_TEXT
        self._found += 1
        self._first = min(self._first or (place, error), (place, error))
        return error_text(error)


def _empty_rows(columns: Sequence[_Column]) -> set[int]:
    """Return the places of the rows whose cells are all empty."""
    empty = {*range(len(columns[0]))} if columns else set()
    for cells in columns:
        if not empty or "" not in cells:
            return set()
        empty = {place for place in empty if cells[place] == ""}
    return empty


def _without(places: Container[int], cells: Sequence[Any]) -> list[Any]:
    return [cell for place, cell in enumerate(cells) if place not in places]


def _plain(cell: Any) -> str | float:
    """Return a truth value or a time as a text, other cells as they are."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, timedelta):
        hours, seconds = divmod(round(cell.total_seconds()), 3600)
        return f"{hours}:{seconds // 60:02}:{seconds % 60:02}"
    if isinstance(cell, date | time):
        return cell.isoformat()
    return cell if isinstance(cell, str) else float(cell)


if __name__ == "__main__":
    main(*sys.argv[1:])
