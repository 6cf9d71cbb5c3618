"""Text files as people's programs write them: encoding, delimiter, and rows with their lines."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ml.applications.values import show_value
from ml.errors import DatasetError, DatasetFault
from ml.intake.rows import Row

HEAD = 1 << 16  # bytes that decide delimiter and plainness
MAX_LINE = 1 << 22  # characters; a longer line would fill the memory before the csv module refuses its cell
_CHUNK = 1 << 20
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
_QUOTED = re.compile(r'"[^"]*"')
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*\Z", re.IGNORECASE)
_SEARCHED = 20  # lines


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file is written.

    Attributes
    ----------
    encoding : str
        As Python names it.
    delimiter : str
    first : int
        Line behind the last comment line and ``sep=`` line at the start of the file.
    notes : sequence of str
        Sentences for the sender of the file.
    """

    encoding: str
    delimiter: str
    first: int = 1
    notes: Sequence[str] = ()

    @property
    def encoding_name(self) -> str:
        """The encoding as people name it."""
        return _NAMES.get(self.encoding, "UTF-16")


def text_form(name: str, path: Path) -> TextForm:
    """Find out how a text file is written.

    Parameters
    ----------
    name : str
        Name of the file, for messages.

    Raises
    ------
    DatasetError
        If the file is no text.
    """
    encoding = _encoding(name, path)
    notes = [] if encoding.startswith("utf-8") else [f"Read as {TextForm(encoding, ',').encoding_name}."]
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        lines = [file.readline(HEAD) for _ in range(_SEARCHED)]
    first, delimiter = 1, None
    if separator := _SEPARATOR_LINE.match(lines[0]):
        first, delimiter = 2, separator[1]
    first += _leading_comments(lines[first - 1 :])
    return TextForm(encoding, delimiter or _delimiter(lines[first - 1 :]), first, notes)


def text_rows(name: str, path: Path, form: TextForm) -> Iterator[Row]:
    """Yield the line and the cells of each row that is not blank, from the line `form.first` on.

    Raises
    ------
    DatasetError
        For a NUL character, an endless line or a cell that the csv module does not read.
    """
    with path.open(encoding=form.encoding, newline="") as file:
        lines = _checked_lines(name, file)
        for _ in range(1, form.first):
            next(lines, None)
        reader = csv.reader(lines, delimiter=form.delimiter)
        start = form.first
        try:
            for cells in reader:
                if cells:
                    yield start, cells
                start = form.first + reader.line_num
        except csv.Error as error:
            line = form.first + reader.line_num - 1
            raise DatasetError(name, [DatasetFault(line, None, None, f"{error}")]) from None
        except UnicodeDecodeError as error:
            expected = f"{form.encoding_name} text is expected"
            raise DatasetError(name, [DatasetFault(start, None, None, expected)]) from error


def _checked_lines(name: str, lines: IO[str]) -> Iterator[str]:
    number = 1
    while line := lines.readline(MAX_LINE):
        if "\0" in line:
            raise _fault(name, number, "text without NUL characters is expected")
        if len(line) == MAX_LINE:
            raise _fault(name, number, f"lines of at most {MAX_LINE:,} characters are expected")
        yield line
        number += 1


def _fault(name: str, line: int, expected: str, value: str | None = None) -> DatasetError:
    return DatasetError(name, [DatasetFault(line, None, value, expected)])


def _encoding(name: str, path: Path) -> str:
    """Return the encoding; Windows-1252 only where no other one fits."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for mark, encoding in _BOMS.items():
        if head.startswith(mark):
            return encoding if encoding == "utf-16" else _utf8_or_refuse(name, path, encoding)
    if wide := _utf16_without_mark(head):
        return wide
    fault = _utf8_fault(path)
    if fault is None:
        return "utf-8"
    return _utf8_or_refuse(name, path, "") if fault.damaged or not _is_cp1252(path) else "cp1252"


def _utf16_without_mark(content: bytes) -> str | None:
    """Return the encoding of a text in which every other byte of the ASCII characters is zero."""
    even, odd = content[::2].count(0), content[1::2].count(0)
    half = len(content) // 2
    if not half or max(even, odd) < 0.5 * half or min(even, odd) > 0.05 * half:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


@dataclass(frozen=True, slots=True)
class _Utf8Fault:
    """The first bytes that are no UTF-8; `damaged` if UTF-8 characters beyond ASCII stand before them."""

    offset: int
    content: bytes
    damaged: bool


def _utf8_fault(path: Path) -> _Utf8Fault | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset, wide = 0, False
    with path.open("rb") as file:
        for content in iter(lambda: file.read(_CHUNK), b""):
            pending = decoder.getstate()[0]
            if pending or not content.isascii():
                try:
                    wide = not decoder.decode(content).isascii() or wide
                except UnicodeDecodeError as error:
                    start, whole = error.start, pending + content
                    wide = wide or not whole[:start].isascii()
                    return _Utf8Fault(offset - len(pending) + start, whole[start : error.end], wide)
            offset += len(content)
    pending = decoder.getstate()[0]
    return _Utf8Fault(offset - len(pending), pending, wide) if pending else None


def _is_cp1252(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            return all(chunk.decode("cp1252") for chunk in iter(lambda: file.read(_CHUNK), b""))
        except UnicodeDecodeError:
            return False


def _utf8_or_refuse(name: str, path: Path, encoding: str) -> str:
    if (fault := _utf8_fault(path)) is None:
        return encoding
    with path.open("rb") as file:
        line = file.read(fault.offset).count(b"\n") + 1
    raise _fault(name, line, "UTF-8 text is expected", show_value(fault.content))


def _leading_comments(lines: Sequence[str]) -> int:
    """Return how many lines at the start are comments or blank, up to the last comment."""
    count = 0
    for number, line in enumerate(lines, 1):
        if line.startswith("#") and not _looks_like_headings(line):
            count = number
        elif line.strip():
            break
    return count


def _looks_like_headings(line: str) -> bool:
    """Return True for a line such as ``#;Loan ID;Amount``, in which ``#`` heads a column."""
    return line[1:2] in (",", ";", "\t", "|")


def _delimiter(lines: Iterable[str]) -> str:
    """Return the delimiter that is most frequent outside quotes in the first line that has one."""
    for line in lines:
        bare = _QUOTED.sub("", line)
        counts = {candidate: bare.count(candidate) for candidate in ",;\t"}
        if any(counts.values()):
            return max(counts, key=lambda candidate: counts[candidate])
        if "|" in bare:
            return "|"
    return ","
