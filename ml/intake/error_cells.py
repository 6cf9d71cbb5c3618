"""Mark errors such as ``#DIV/0!``, which python-calamine reads as empty, and truth values of .ods files.

In .xlsx and .ods files they stand in the XML: a copy of the file says that an error is a text. In .xls files
the cells are looked up.
"""

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

ERRORS = frozenset(
    ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#FIELD!"]
) | {"#GETTING_DATA", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!", "#EXTERNAL!"}
UNSTORED = "#UNSTORED!"  # stands here for a formula whose value no program has computed
_XLSX_ERROR = re.compile(rb"""(<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*)["']e["']""")
_XLSX_TYPE = re.compile(rb"""\s+t\s*=\s*["'](\w*)["']""")
_XLSX_HIDDEN = re.compile(rb"""<(?:\w+:)?row\s[^<>]*?\bhidden\s*=\s*["'](?:1|true)["']""")
_XLSX_FORMULA = re.compile(
    rb"(<(?:\w+:)?c)\b([^<>]*)(?<!/)>\s*"
    rb"(<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f\s*>))"
    rb"(?:\s*<(?:\w+:)?v\s*(?:/>|>\s*</(?:\w+:)?v\s*>))?\s*(</(?:\w+:)?c\s*>)"
)
_ODS_ERROR = re.compile(
    rb'(<table:(?:covered-)?table-cell\b[^>]*?) office:string-value="[^"]*"([^>]*value-type="error")'
)
# LibreOffice makes this of a truth value in a cell without the format of truth values.
_ODS_TRUTH = re.compile(
    rb'(<table:table-cell\b[^>]*? table:formula="of:=(TRUE|FALSE)\(\)"[^>]*?)'
    rb' office:value-type="float" office:value="[01]"'
)
_ODS_MERGED = re.compile(rb'<table:table-cell\b[^>]*-spanned="(?!1")[^>]*>')
_CHUNK = 1 << 18
_XLS_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


class Marked(NamedTuple):
    """A workbook in which errors are texts.

    Attributes
    ----------
    content : bytes or None
        A copy of the file; ``None`` if the file itself has no errors.
    merged : int
        Merged areas in .ods files, where python-calamine does not tell them.
    hidden : int
        Hidden rows in .xlsx files, in all sheets.
    """

    content: bytes | None = None
    merged: int = 0
    hidden: int = 0


def with_error_texts(path: str, kind: str) -> Marked:
    """Return a copy of a workbook in which errors, and formulas without a stored value, are texts."""
    if kind == "xls":
        return Marked()
    with zipfile.ZipFile(path) as archive:
        return _marked_xlsx(archive) if kind == "xlsx" else _marked_ods(archive)


def _marked_xlsx(archive: zipfile.ZipFile) -> Marked:
    hidden, changed = 0, dict[str, bytes]()
    for entry in archive.namelist():
        if not (entry.startswith("xl/worksheets/") and entry.endswith(".xml")):
            continue
        has_errors = False
        for rows in _pieces(archive, entry):
            hidden += len(_XLSX_HIDDEN.findall(rows)) if b"hidden" in rows else 0
            has_errors = has_errors or _may_hold_errors(rows)
        if has_errors:
            content = _XLSX_FORMULA.sub(_with_formula_text, archive.read(entry))
            changed[entry] = _XLSX_ERROR.sub(rb'\1"str"', content)
    return Marked(_copy(archive, changed) if changed else None, hidden=hidden)


def _marked_ods(archive: zipfile.ZipFile) -> Marked:
    content = archive.read("content.xml")
    merged = len(_ODS_MERGED.findall(content)) if b"-spanned=" in content else 0
    marked = _ODS_ERROR.sub(rb"\1\2", content) if b'value-type="error"' in content else content
    if b'"of:=TRUE()"' in content or b'"of:=FALSE()"' in content:
        marked = _ODS_TRUTH.sub(_as_truth_value, marked)
    return Marked(None if marked is content else _copy(archive, {"content.xml": marked}), merged)


def _as_truth_value(cell: re.Match[bytes]) -> bytes:
    return b'%b office:value-type="boolean" office:boolean-value="%b"' % (cell[1], cell[2].lower())


def _may_hold_errors(rows: bytes) -> bool:
    # Most sheets have none: to look for the type alone takes a tenth of the time of the expression.
    if (b'"e"' in rows or b"'e'" in rows) and _XLSX_ERROR.search(rows):
        return True
    return (b"<f" in rows or b":f" in rows) and _XLSX_FORMULA.search(rows) is not None


def _with_formula_text(cell: re.Match[bytes]) -> bytes:
    """Return a cell with `UNSTORED` as its value; a text that is empty is a stored value."""
    opening, attributes, formula, closing = cell.groups()
    kind = _XLSX_TYPE.search(attributes)
    if kind and kind[1] == b"str":
        return cell[0]
    prefix = opening[1:-1]  # of the namespace
    value = b"<%bv>%b</%bv>" % (prefix, UNSTORED.encode(), prefix)
    return opening + _XLSX_TYPE.sub(b"", attributes) + b' t="str">' + formula + value + closing


def _pieces(archive: zipfile.ZipFile, entry: str) -> Iterator[bytes]:
    """Yield a sheet a few whole rows at a time, so that it is never in memory."""
    with archive.open(entry) as file:
        tail = b""
        while content := file.read(_CHUNK):
            rows, _, tail = (tail + content).rpartition(b"row>")
            yield rows
        yield tail


def _copy(archive: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in archive.namelist():
            copy.writestr(entry, changed.get(entry) or archive.read(entry))
    return target.getvalue()


class XlsFile:
    """The records of an .xls file.

    References
    ----------
    Microsoft, [MS-XLS] and [MS-CFB], the file formats.
    """

    def __init__(self, path: str) -> None:
        with open(path, "rb") as file:
            self._stream = _workbook_stream(file.read())

    @property
    def has_password(self) -> bool:
        """Whether the contents are encrypted."""
        return any(kind == _FILEPASS for kind, _ in _records(self._stream, 0))

    def errors(self, sheet: str, first: int) -> dict[tuple[int, int], str]:
        """Return the errors of a sheet by row, from 0, and by column, from the column `first`."""
        start = next((place for name, place in _sheets(self._stream) if name == sheet), None)
        errors = {}
        for kind, content in _records(self._stream, start) if start is not None else ():
            if kind == _BOOLERR and len(content) >= 8 and content[7]:
                code = content[6]
            elif kind == _FORMULA and content[12:14] == b"\xff\xff" and content[6] == 2:
                code = content[8]
            else:
                continue
            row, column = struct.unpack_from("<HH", content)
            errors[row, column - first] = _XLS_ERRORS.get(code, "#VALUE!")
        return errors


_BOOLERR, _FORMULA, _BOUNDSHEET, _FILEPASS, _EOF = 0x205, 0x6, 0x85, 0x2F, 0xA
_LAST_SECTOR, _MINI_SIZE = 0xFFFFFFFA, 4096


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a part of the workbook, which may hold charts: parts within."""
    depth = 0
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        depth += (kind & 0xFF) == 0x09
        depth -= kind == _EOF
        if not depth:
            return
        if depth == 1:
            yield kind, stream[start + 4 : start + 4 + length]
        start += 4 + length


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    for kind, content in _records(stream, 0):
        if kind == _BOUNDSHEET:
            (place,) = struct.unpack_from("<I", content)
            yield content[8:].decode("utf-16-le" if content[7] & 1 else "latin-1"), place


def _workbook_stream(content: bytes) -> bytes:
    """Return the stream of the workbook in a compound file; nothing if there is none."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    first_directory, first_mini = (struct.unpack_from("<I", content, place)[0] for place in (48, 60))
    fat = _fat(content, size)
    directory = b"".join(_chain(content, fat, first_directory, size))
    entries = [directory[place : place + 128] for place in range(0, len(directory), 128)]
    for entry in entries:
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le", "replace")
        if name not in ("Workbook", "Book"):
            continue
        first, length = struct.unpack_from("<II", entry, 116)
        if length >= _MINI_SIZE:
            return b"".join(_chain(content, fat, first, size))[:length]
        mini_fat = _numbers(b"".join(_chain(content, fat, first_mini, size)))
        root = b"".join(_chain(content, fat, struct.unpack_from("<I", entries[0], 116)[0], size))
        return b"".join(root[n * 64 : n * 64 + 64] for n in _links(mini_fat, first))[:length]
    return b""


def _fat(content: bytes, size: int) -> list[int]:
    """Return the number of the sector that follows each sector."""
    places = [*struct.unpack_from("<109I", content, 76)]
    more = struct.unpack_from("<I", content, 68)[0]
    for _ in range(len(content) // size):
        if more >= _LAST_SECTOR:
            break
        *further, more = _numbers(_sector(content, more, size))
        places += further
    return [n for place in places if place < _LAST_SECTOR for n in _numbers(_sector(content, place, size))]


def _chain(content: bytes, fat: list[int], first: int, size: int) -> Iterator[bytes]:
    return (_sector(content, number, size) for number in _links(fat, first))


def _links(fat: list[int], number: int) -> Iterator[int]:
    for _ in fat:  # a damaged file may go in a circle
        if number >= len(fat):
            return
        yield number
        number = fat[number]


def _sector(content: bytes, number: int, size: int) -> bytes:
    return content[(number + 1) * size : (number + 2) * size]


def _numbers(content: bytes) -> list[int]:
    return [*struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])]
