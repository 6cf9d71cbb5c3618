"""Open workbooks (.xlsx, .xls, .ods): refuse what may run code or fill the memory, read one sheet."""

import itertools
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from ml.errors import CompressedFile, DatasetError, DatasetFault
from ml.intake.rows import Block, Row
from ml.intake.workbook_child import MAX_ROWS, SIZE_BYTES

MAX_UNPACKED = 64 << 20  # bytes
_TIMEOUT = 60.0  # seconds; the child also has a limit of processor time
_ROOT = Path(__file__).resolve().parents[2]
_SECRETS = ("LOANSITE_", "DATABASE_URL")  # the child has no need of them
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ARCHIVES = {
    b"\x1f\x8b": "a gzip file",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"Rar!": "a RAR archive",
    b"%PDF-": "a PDF document",
}
_SAVE_AS_CSV = "save the sheet as CSV and send that file"
_NO_MACROS = "workbooks with macros are not read; save it as .xlsx or CSV"
_NO_PASSWORDS = "workbooks with a password are not read; save it without one"
WorkbookKind = Literal["xlsx", "xls", "ods"]
_decode_block = msgspec.json.Decoder(tuple[list[int], list[list[str | float]]]).decode


class Sheet(NamedTuple):
    """A sheet that was read: its name, the names of all sheets, its rows, sentences for its sender."""

    name: str
    names: Sequence[str]
    rows: "SpooledRows"
    notes: Sequence[str]


class SpooledRows:
    """The rows of a sheet in a temporary file without a name, which is gone with the object."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 # closed with the object

    def __call__(self) -> Iterator[Row]:
        """Yield all rows from the start."""
        return itertools.chain.from_iterable(block.rows() for block in self.blocks())

    def blocks(self) -> Iterator[Block]:
        """Yield all rows from the start, some at a time."""
        offset = 0
        while size := os.pread(self.file.fileno(), SIZE_BYTES, offset):
            content = os.pread(self.file.fileno(), int.from_bytes(size), offset + SIZE_BYTES)
            offset += SIZE_BYTES + len(content)
            yield Block(*_decode_block(content))

    def __del__(self) -> None:
        self.file.close()


def workbook_kind(name: str, path: Path) -> WorkbookKind | None:
    """Return the kind of a workbook; ``None`` for a text file.

    Raises
    ------
    CompressedFile
        For archives, for workbooks with macros or a password, and for those that unpack to too much.
    """
    with path.open("rb") as file:
        start = file.read(8)
    if start == _OLE:
        return _ole_kind(name, path)
    for mark, words in _ARCHIVES.items():
        if start.startswith(mark):
            raise _refused(name, f"CSV text or a workbook is expected, not {words}")
    if not start.startswith(_ZIP):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            return _zip_kind(name, archive)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError) as error:
        raise _refused(name, f"a workbook is expected; this archive is damaged ({error})") from None


def _zip_kind(name: str, archive: zipfile.ZipFile) -> WorkbookKind:
    entries = {entry.filename: entry for entry in archive.infolist()}
    size = sum(entry.file_size for entry in archive.infolist())
    if size > MAX_UNPACKED:
        expected = f"a workbook of at most {MAX_UNPACKED >> 20} MiB unpacked is expected"
        raise _refused(name, f"{expected}, not {size >> 20:,} MiB; {_SAVE_AS_CSV}")
    has_macros = any(
        entry.lower().endswith("vbaproject.bin") or entry.startswith("Basic/") for entry in entries
    )
    if has_macros or name.lower().endswith((".xlsm", ".xltm")):
        raise _refused(name, _NO_MACROS)
    if "xl/workbook.xml" in entries:
        return "xlsx"
    if "xl/workbook.bin" in entries:
        raise _refused(name, "workbooks of the kind .xlsb are not read; save it as .xlsx or CSV")
    if not _is_ods(entries, archive):
        raise _refused(name, "CSV text or a workbook is expected, not a zip archive")
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise _refused(name, _NO_PASSWORDS)
    return "ods"


def _is_ods(entries: Mapping[str, zipfile.ZipInfo], archive: zipfile.ZipFile) -> bool:
    if "mimetype" not in entries or "META-INF/manifest.xml" not in entries:
        return False
    return b"opendocument.spreadsheet" in archive.read("mimetype")


def _ole_kind(name: str, path: Path) -> WorkbookKind:
    """Judge a file by the names in its directory, which are in UTF-16."""
    if path.stat().st_size > MAX_UNPACKED:
        raise _refused(name, f"a workbook of at most {MAX_UNPACKED >> 20} MiB is expected; {_SAVE_AS_CSV}")
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise _refused(name, _NO_PASSWORDS)
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise _refused(name, _NO_MACROS)
    if "Book\0".encode("utf-16-le") in content or "Workbook".encode("utf-16-le") in content:
        return "xls"
    raise _refused(name, "CSV text or a workbook is expected, not another document of an office program")


def read_sheet(name: str, path: Path, kind: WorkbookKind, sheet: str | None) -> Sheet:
    """Read a sheet, in a process with little memory and time.

    Parameters
    ----------
    name : str
        Name of the workbook, for messages.
    sheet : str or None
        Name of the sheet; ``None``: the first one that is visible.

    Raises
    ------
    DatasetError
        If the sheet is not there, too large or cannot be read. `CompressedFile` for a password.
    """
    rows = SpooledRows()
    spool = rows.file.fileno()
    command = [sys.executable, "-m", "ml.intake.workbook_child"]
    arguments = [str(path.resolve()), kind, sheet or "", str(spool)]
    try:
        done = subprocess.run(  # noqa: S603 # this library's own module
            [*command, *arguments],
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
            cwd=_ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)},
            pass_fds=(spool,),
        )
    except subprocess.TimeoutExpired:
        raise _unreadable(name, f"the workbook takes too long to read; {_SAVE_AS_CSV}") from None
    if done.returncode:
        raise _unreadable(name, f"the workbook takes too much memory or time to read; {_SAVE_AS_CSV}")
    facts = msgspec.json.decode(done.stdout)
    if "fault" in facts:
        raise _fault(name, facts, sheet)
    return Sheet(facts["sheet"], facts["sheets"], rows, [*_notes(facts)])


def _notes(facts: Mapping[str, Any]) -> Iterator[str]:
    if len(facts["sheets"]) > 1:
        yield f"Sheet {facts['sheet']!r} is read, one of {len(facts['sheets'])} sheets."
    if facts["merged"]:
        yield f"{_count(facts['merged'], 'merged area')}: only the first cell of an area has its value."
    if facts["errors"]:
        verb = "holds" if facts["errors"] == 1 else "hold"
        yield f"{_count(facts['errors'], 'cell')} {verb} an error value such as {facts['error']}."
    if facts["unstored"]:
        verb = "has" if facts["unstored"] == 1 else "have"
        yield f"{_count(facts['unstored'], 'formula')} {verb} no stored value: open and save the workbook."
    if facts["hidden"]:
        yield f"The workbook has {_count(facts['hidden'], 'hidden row')}; they are read too."
    if facts["long"]:
        verb = "has" if facts["long"] == 1 else "have"
        lost = "more than 15 digits; spreadsheets lose the last ones"
        yield f"{_count(facts['long'], 'number')} {verb} {lost}."


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _fault(name: str, facts: Mapping[str, Any], sheet: str | None) -> DatasetError:
    if facts["fault"] == "password":
        return _refused(name, _NO_PASSWORDS)
    if facts["fault"] == "no sheet":
        sheets = ", ".join(map(repr, facts["sheets"][:20])) or "none"
        return _unreadable(
            name, f"one of the sheets {sheets} is expected" + (f", not {sheet!r}" if sheet else "")
        )
    if facts["fault"] == "size":
        return _unreadable(name, f"a sheet of at most {MAX_ROWS:,} rows is expected; {_SAVE_AS_CSV}")
    return _unreadable(name, f"the workbook cannot be read ({facts['detail']}); {_SAVE_AS_CSV}")


def _refused(name: str, expected: str) -> CompressedFile:
    return CompressedFile(name, [DatasetFault(1, None, None, expected)])


def _unreadable(name: str, expected: str) -> DatasetError:
    return DatasetError(name, [DatasetFault(1, None, None, expected)])
