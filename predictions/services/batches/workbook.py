"""Rows as an Excel workbook, written in constant memory."""

import itertools
import tempfile
from collections.abc import Iterable, Sequence
from typing import IO

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_TEXT = 32_767  # characters of a cell


def workbook_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> IO[bytes]:
    """Return an open file with one sheet: numbers as numbers, everything else as text, never as a formula."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        _write(file, header, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _write(file: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(itertools.chain([header], rows)):
            for column, cell in enumerate(row):
                if isinstance(cell, int | float):
                    sheet.write_number(line, column, cell)
                elif cell:
                    sheet.write_string(line, column, _fitting(str(cell)))


def _fitting(text: str) -> str:
    """Return a text as long as a cell may be; a longer one ends in an ellipsis."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
