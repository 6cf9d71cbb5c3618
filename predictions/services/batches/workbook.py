"""Rows as an Excel workbook, sent while it is made."""

import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_TEXT = 32_767  # UTF-16 units of a cell, of which a character beyond U+FFFF has two
_SHEET = "xl/worksheets/sheet1.xml"
_DIMENSION = re.compile(rb"<dimension [^>]*/>")  # of no rows
_ROWS_AT_ONCE = 500
# Markup, white space at an end, and what a workbook writes as _xHHHH_: control characters and such a text.
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\s|\s$")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class _Sent:
    """A file for `zipfile.ZipFile` that hands out what was written to it."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: `taken` has every byte."""

    def taken(self) -> bytes:
        data = bytes(self._waiting)
        self._waiting.clear()
        return data


def workbook_parts(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield a workbook of one sheet: numbers as numbers, everything else as text, never as a formula.

    XlsxWriter makes an empty workbook. It could send no byte before the last row and takes three times the
    time, so the rows are put into the sheet here. A workbook that breaks off has no directory of its parts,
    so that no program opens it.
    """
    sent = _Sent()
    with (
        zipfile.ZipFile(_empty_workbook()) as empty,
        zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as workbook,  # type: ignore[call-overload] # writes only
    ):
        for name in empty.namelist():
            if name != _SHEET:
                workbook.writestr(name, empty.read(name))
        before, after = _DIMENSION.sub(b"", empty.read(_SHEET)).split(b"<sheetData/>")
        with workbook.open(_SHEET, "w") as sheet:
            sheet.write(before + b"<sheetData>")
            for piece in _pieces(itertools.chain([header], rows), len(header)):
                sheet.write(piece)
                if part := sent.taken():
                    yield part
            sheet.write(b"</sheetData>" + after)
    yield sent.taken()


def _empty_workbook() -> io.BytesIO:
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        workbook.add_worksheet().freeze_panes(1, 0)
    return file


def _pieces(rows: Iterable[Sequence[object]], n_columns: int) -> Iterator[bytes]:
    """Yield some rows at a time as the sheet has them."""
    from xlsxwriter.utility import xl_col_to_name

    letters = [xl_col_to_name(column) for column in range(n_columns)]
    numbered = enumerate(rows, start=1)
    while some := list(itertools.islice(numbered, _ROWS_AT_ONCE)):
        yield "".join([_row(number, letters, row) for number, row in some]).encode()


def _row(number: int, letters: Sequence[str], row: Sequence[object]) -> str:
    cells = [
        _cell(f"{letter}{number}", cell)
        for letter, cell in zip(letters, row, strict=True)
        if cell is not None and cell != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, cell: object) -> str:
    if isinstance(cell, int | float):
        return f'<c r="{place}"><v>{cell}</v></c>'
    text = _fitting(str(cell))
    if not _SPECIAL.search(text):
        return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
    text = escape(_UNWRITABLE.sub(lambda sign: f"_x{ord(sign[0]):04X}_", text))
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _fitting(text: str) -> str:
    """Return a text that a cell takes: a longer one ends in an ellipsis."""
    if len(text) <= LONGEST_TEXT // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    # Half of a character at the end is left out.
    return f"{units[: 2 * (LONGEST_TEXT - 1)].decode('utf-16-le', 'ignore')}…"
