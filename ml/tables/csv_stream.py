"""A CSV file of any size, a chunk of lines at a time, in memory that does not grow."""

import csv
import hashlib
import io
import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ml.applications.schema import FIELDS, TARGET
from ml.applications.values import show_value
from ml.errors import CompressedFile, DatasetError, DatasetFault
from ml.tables.csv_chunk import CellBlock, CsvChunk, CsvFileChunk
from ml.tables.plain_block import PlainBlock
from ml.tables.training_csv import NO_ROWS_FAULT, check_header, detect_delimiter

__all__ = ["BLOCK_SIZE", "CellBlock", "CsvStream"]

BLOCK_SIZE = 1 << 19  # measured: smaller ones cost more calls, larger ones gain nothing
MAX_LINE_LENGTH = 1 << 17  # as long as the csv module lets a cell be
_PACKED = {b"PK\x03\x04": "a zip archive or a workbook", b"\x1f\x8b": "gzip"}


class CsvStream:
    """The applications of one file; `digest` is that of its bytes once `blocks` is through.

    Raises
    ------
    DatasetError
        As soon as the file's form is at fault.
    """

    def __init__(self, name: str, file: io.BufferedReader, block: int = BLOCK_SIZE) -> None:
        self._name, self._file, self._size = name, file, block
        self._line = 1  # of what is read next
        self.digest = hashlib.sha256()
        self.size = 0
        self.begun = 0  # where the last chunk begins; 0 for what stands in one line with the header
        text = self._read(0)
        self._delimiter = detect_delimiter(text.encode())
        first = self._chunk(1, text.removeprefix("\ufeff"), [])
        if first.failure:
            raise first.failure
        cells, taken = first.head()
        self._header = [cell.strip() for cell in cells]
        check_header(name, self._header, FIELDS, known=(*FIELDS, TARGET))
        # The whole file, where lines end in bare carriage returns.
        rest = "".join(itertools.islice(io.StringIO(first.text, newline=""), taken, None))
        self._first = replace(first, line=1 + taken, text=rest, header=self._header)

    def blocks(self) -> Iterator[CellBlock | PlainBlock]:
        """Yield all rows; at least one is expected."""
        blocks = (block for chunk in self.chunks() if (block := chunk.block()) is not None)
        first = next(blocks, None)
        if first is None:
            raise self.empty
        yield first
        yield from blocks

    def chunks(self) -> Iterator[CsvChunk]:
        """Yield all rows as pieces of text, which need not be good ones."""
        if self._first.text:
            yield self._first
        line, self.begun = self._line, self.size
        while text := self._read(self._size):
            yield self._chunk(line, text, self._header)
            line, self.begun = self._line, self.size

    def placed_chunks(self, path: Path) -> Iterator[CsvChunk | CsvFileChunk]:
        """Yield them without the text, which is to be read again from `path`: cheap to send to a process."""
        for chunk in self.chunks():
            length = self.size - self.begun
            yield CsvFileChunk(path, self.begun, length, replace(chunk, text="")) if self.begun else chunk

    @property
    def empty(self) -> DatasetError:
        """What there is to say when no chunk holds a row."""
        return DatasetError(self._name, [NO_ROWS_FAULT])

    def _chunk(self, line: int, text: str, header: Sequence[str]) -> CsvChunk:
        """Take a text, and what follows it in the file until its quotes are closed."""
        more: list[str] = []
        failure = None
        if '"' in text:
            try:
                self._close(list(io.StringIO(text, newline="")), more)
            except DatasetError as error:
                failure = error
        return CsvChunk(self._name, line, "".join([text, *more]), header, self._delimiter, failure)

    def _close(self, lines: Sequence[str], more: list[str]) -> None:
        def behind() -> Iterator[str]:
            while text := self._read(0):
                more.append(text)
                yield text

        reader = csv.reader(itertools.chain(lines, behind()), delimiter=self._delimiter)
        with suppress(csv.Error):  # found again, and told, by whoever splits the chunk
            for _ in reader:
                if reader.line_num >= len(lines):
                    return

    def _read(self, size: int) -> str:
        """Return so many bytes, and on to the end of their line, as text; nothing at the file's end."""
        content = self._file.read(size) + self._file.readline(MAX_LINE_LENGTH)
        self.digest.update(content)
        self.size += len(content)
        if self.size == len(content) and (packed := _packed(content)):
            fault = DatasetFault(1, None, None, f"CSV text is expected, not {packed}")
            raise CompressedFile(self._name, [fault])
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            shown = show_value(content[error.start : error.end])
            raise self._fault_at(content, error.start, "UTF-8 text is expected", shown) from None
        if "\0" in text:
            raise self._fault_at(content, content.index(b"\0"), "text without NUL characters is expected")
        if not content.endswith(b"\n") and self._file.peek(1):
            expected = f"lines of at most {MAX_LINE_LENGTH:,} bytes are expected"
            raise self._fault_at(content, len(content), expected)
        self._line += _newlines(content)
        return text

    def _fault_at(self, content: bytes, place: int, expected: str, value: str | None = None) -> DatasetError:
        return self._fault(self._line + content.count(b"\n", 0, place), expected, value)

    def _fault(self, line: int, expected: str, value: str | None = None) -> DatasetError:
        return DatasetError(self._name, [DatasetFault(line, None, value, expected)])


def _packed(content: bytes) -> str | None:
    return next((name for mark, name in _PACKED.items() if content.startswith(mark)), None)


def _newlines(content: bytes) -> int:
    """Count six times as quickly as `bytes.count` where lines are short."""
    return int(np.count_nonzero(np.frombuffer(content, np.uint8) == ord("\n")))


AnyBlock = CellBlock | PlainBlock


class FilePart(NamedTuple):
    """Whole rows of a file: `length` bytes from `offset` on."""

    offset: int
    length: int
    first_line: int
    rows: int


def iter_parts(name: str, path: Path, size: int) -> Iterator[tuple[FilePart, AnyBlock]]:
    """Yield all parts of about `size` bytes, and their rows.

    Raises
    ------
    DatasetError
        As soon as the file's form is at fault.
    OSError
    """
    with path.open("rb") as file:
        stream = CsvStream(name, file, size)
        for block in stream.blocks():
            lines = block.lines
            yield FilePart(stream.begun, stream.size - stream.begun, lines[0], len(lines)), block


def read_part(name: str, path: Path, part: FilePart) -> tuple[AnyBlock, int]:
    """Return the rows of a part, and what is to be added to their lines."""
    with path.open("rb") as file:
        # The last byte of the part is read as the end of its line.
        stream = CsvStream(name, file, part.length - 1)
        header = stream.size
        if part.offset:
            file.seek(part.offset)
        # Rows that stand in one line with the header, as the program sees it, come first in any case.
        block = next(b for b in stream.blocks() if not part.offset or stream.size > header)
        return block, part.first_line - block.lines[0]
