"""Read a CSV file of any size a chunk at a time, in constant memory; read again any part of a file."""

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

from ml.applications.values import show_value
from ml.errors import CompressedFile, DatasetError, DatasetFault
from ml.schemas.schema import Schema
from ml.tables.csv_chunk import CellBlock, CsvChunk, CsvFileChunk
from ml.tables.header import detect_delimiter, headings_of, read_header
from ml.tables.plain_block import PlainBlock
from ml.tables.row_faults import NO_ROWS_FAULT

__all__ = ["BLOCK_SIZE", "CellBlock", "CsvStream"]

BLOCK_SIZE = 1 << 20  # bytes; measured: smaller blocks cost more calls, larger ones gain nothing
MAX_LINE_LENGTH = 1 << 17  # bytes; the longest cell that the csv module reads
_ARCHIVES = {b"PK\x03\x04": "a zip archive or a workbook", b"\x1f\x8b": "gzip"}


class CsvStream:
    """The applications of one CSV file.

    Parameters
    ----------
    schema : Schema
    name : str
        Name of the file, for messages.
    file : io.BufferedReader
        Read from its start to its end, once.
    block : int
        Bytes of a chunk; a chunk always ends with a complete row.
    training : bool
        Whether the file must have the target.

    Attributes
    ----------
    header : Header
        The columns of the file.
    headings : list of str
        Headings of all columns, as the file spells them.
    further : list of str
        Columns of the file that are none of the schema's.
    digest : hash object
        SHA-256 of the bytes read so far.
    size : int
        Number of bytes read so far.
    chunk_start : int
        Position of the last chunk in the file, in bytes. 0 if its rows are in one line with the header.

    Raises
    ------
    DatasetError
        From any method, as soon as the file is found not to be UTF-8 text with the expected columns.

    Examples
    --------
    >>> header = "Loan_ID,Gender,Married,Dependents,Education,Self_Employed,ApplicantIncome," + (
    ...     "CoapplicantIncome,LoanAmount,Loan_Amount_Term,Credit_History,Property_Area"
    ... )
    >>> row = "LP-1,Male,No,0,Graduate,No,5849,0,,360,1,Urban"
    >>> from ml.products.loan_prediction.schema import built_in
    >>> file = io.BufferedReader(io.BytesIO(f"{header}\\n{row}\\n".encode()))
    >>> for block in CsvStream(built_in(), "applications.csv", file).blocks():
    ...     print(block.lines, block.columns["ApplicantIncome"])
    range(2, 3) ['5849']
    """

    def __init__(
        self,
        schema: Schema,
        name: str,
        file: io.BufferedReader,
        block: int = BLOCK_SIZE,
        *,
        training: bool = False,
    ) -> None:
        self._name, self._file, self._size = name, file, block
        self._line = 1  # line of the next byte to read
        self.digest = hashlib.sha256()
        self.size = 0
        self.chunk_start = 0
        line, text = self._first_line()
        self._delimiter = detect_delimiter(text.encode())
        first = self._chunk(line, text, [])
        if first.failure:
            raise first.failure
        cells, taken = first.head()
        self.headings = headings_of(cells)
        self.header = read_header(name, cells, schema, training=training)
        self.further = self.header.further
        # If lines end in bare carriage returns, this is the whole file.
        rest = "".join(itertools.islice(io.StringIO(first.text, newline=""), taken, None))
        self._first = replace(first, line=line + taken, text=rest, header=self.header.names)

    def _first_line(self) -> tuple[int, str]:
        """Return the first line that is not blank, and its number."""
        line, text = self._line, self._read(0).removeprefix("\ufeff")
        while text and not text.strip("\r\n"):
            line, text = self._line, self._read(0)
        return line, text

    def go_to(self, offset: int, line: int) -> None:
        """Go on with the row at a position of the file, in bytes, which is in this line."""
        self._file.seek(offset)
        self._line = line
        self._first = replace(self._first, text="")

    def blocks(self) -> Iterator[CellBlock | PlainBlock]:
        """Yield all rows; raises `DatasetError` if there is none."""
        blocks = (block for chunk in self.chunks() if (block := chunk.block()) is not None)
        first = next(blocks, None)
        if first is None:
            raise self.no_rows
        yield first
        yield from blocks

    def chunks(self) -> Iterator[CsvChunk]:
        """Yield all rows as pieces of text, which are not checked yet."""
        if self._first.text:
            yield self._first
        line, self.chunk_start = self._line, self.size
        while text := self._read(self._size):
            yield self._chunk(line, text, self.header.names)
            line, self.chunk_start = self._line, self.size

    def placed_chunks(self, path: Path) -> Iterator[CsvChunk | CsvFileChunk]:
        """Yield all rows as positions in the file `path`: cheap to send to another process."""
        for chunk in self.chunks():
            length = self.size - self.chunk_start
            yield (
                CsvFileChunk(path, self.chunk_start, length, replace(chunk, text=""))
                if self.chunk_start
                else chunk
            )

    @property
    def no_rows(self) -> DatasetError:
        """The error of a file in which no chunk contains a row."""
        return DatasetError(self._name, [NO_ROWS_FAULT])

    def _chunk(self, line: int, text: str, header: Sequence[str]) -> CsvChunk:
        """Return a chunk of `text` and of the lines behind it until its quotes are closed."""
        more: list[str] = []
        failure = None
        if '"' in text:
            try:
                self._close(list(io.StringIO(text, newline="")), more)
            except DatasetError as error:
                failure = error
        return CsvChunk(self._name, line, "".join([text, *more]), header, self._delimiter, failure)

    def _close(self, lines: Sequence[str], more: list[str]) -> None:
        """Append to `more` the text behind `lines` in which their quotes are closed."""

        def behind() -> Iterator[str]:
            while text := self._read(0):
                more.append(text)
                yield text

        reader = csv.reader(itertools.chain(lines, behind()), delimiter=self._delimiter)
        with suppress(csv.Error):  # raised again when the chunk is split
            for _ in reader:
                if reader.line_num >= len(lines):
                    return

    def _read(self, size: int) -> str:
        """Return `size` bytes and the rest of their line as text; an empty text at the end of the file."""
        content = self._file.read(size) + self._file.readline(MAX_LINE_LENGTH)
        self.digest.update(content)
        self.size += len(content)
        if self.size == len(content) and (archive := _archive_kind(content)):
            fault = DatasetFault(1, None, None, f"CSV text is expected, not {archive}")
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


def _archive_kind(content: bytes) -> str | None:
    return next((name for mark, name in _ARCHIVES.items() if content.startswith(mark)), None)


def _newlines(content: bytes) -> int:
    """Count the lines; with short lines six times as fast as `bytes.count`."""
    return int(np.count_nonzero(np.frombuffer(content, np.uint8) == ord("\n")))


AnyBlock = CellBlock | PlainBlock


class FilePart(NamedTuple):
    """Complete rows of a file: `length` bytes from `offset` on."""

    offset: int
    length: int
    first_line: int
    rows: int


def iter_parts(schema: Schema, name: str, path: Path, size: int) -> Iterator[tuple[FilePart, AnyBlock]]:
    """Yield the parts of a file, each of about `size` bytes, with their rows.

    Raises
    ------
    DatasetError, OSError
        See `CsvStream`.
    """
    with path.open("rb") as file:
        stream = CsvStream(schema, name, file, size)
        for block in stream.blocks():
            lines = block.lines
            yield FilePart(stream.chunk_start, stream.size - stream.chunk_start, lines[0], len(lines)), block


def read_headings(schema: Schema, name: str, path: Path) -> list[str]:
    """Return the headings of a file. Raises as `CsvStream` does."""
    with path.open("rb") as file:
        return CsvStream(schema, name, file).headings


def read_part(schema: Schema, name: str, path: Path, part: FilePart) -> AnyBlock:
    """Return the rows of a part, with their lines in the file."""
    with path.open("rb") as file:
        # One byte less: the stream reads on to the end of the line, which is the last byte.
        stream = CsvStream(schema, name, file, part.length - 1)
        if part.offset:
            stream.go_to(part.offset, part.first_line)
        block = next(stream.blocks())
    blank = block.lines[0] - part.first_line  # lines before the first row; a plain block has none
    if blank and isinstance(block, CellBlock):
        return block._replace(lines=[line - blank for line in block.lines])
    return block
