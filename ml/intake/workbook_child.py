"""Read a sheet in a process of its own, with little memory: ``python -m ml.intake.workbook_child``.

A workbook can be made so that reading it takes all memory or never ends; then only this process dies.
Arguments: the workbook, its kind, the sheet's name (empty: the first visible one), and the number of an open
file. Each row that is not empty becomes a line of JSON there: its number and its cells, texts or numbers.
Standard output gets one JSON object about the workbook. Little is imported, so that this starts fast.
"""

import io
import math
import os
import resource
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
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
_LONGEST = 1e15
_JSON_TYPES = frozenset([str, float])
_encode = msgspec.json.Encoder().encode
Facts = dict[str, Any]


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
        file.writelines(cells.lines(sheet.iter_rows()))
    areas = sheet.merged_cell_ranges
    merged = marked.merged if areas is None else len(areas)
    return {"sheets": names, "sheet": name, "merged": merged, "hidden": marked.hidden, **cells.facts}


class _Cells:
    """Turns cells into texts and numbers, and counts those that need a word."""

    def __init__(self, errors: dict[tuple[int, int], str]) -> None:
        self._errors = errors
        self._found: Counter[str] = Counter()
        self._long = self._unstored = 0

    @property
    def facts(self) -> Facts:
        """Counts of cells that need a word, and one of the error values."""
        errors = {"errors": self._found.total(), "error": next(iter(self._found), "")}
        return {**errors, "long": self._long, "unstored": self._unstored}

    def lines(self, rows: Iterable[list[Any]]) -> Iterator[bytes]:
        """Yield rows that are not empty as lines of JSON; rows count from 1."""
        for number, row in enumerate(rows):
            cells: list[str | float] = row if _JSON_TYPES.issuperset(map(type, row)) else [*map(_plain, row)]
            line = _encode((number + 1, cells))
            if self._errors or b'"#' in line or b"null" in line:  # JSON has no NaN
                cells = [self._checked(cell, (number, column)) for column, cell in enumerate(cells)]
                line = _encode((number + 1, cells))
            self._long += sum(type(cell) is float and not _LONGEST > cell > -_LONGEST for cell in cells)
            if any(cell != "" for cell in cells):
                yield line + b"\n"

    def _checked(self, cell: str | float, place: tuple[int, int]) -> str | float:
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
        self._found[error] += 1
        return error_text(error)


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
