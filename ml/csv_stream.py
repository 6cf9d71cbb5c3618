"""A CSV file of any size, a block of lines at a time: cells by column, in memory that does not grow."""

import csv
import hashlib
import io
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ml.csv_tables import NO_ROWS, check_header, delimiter_of, ragged
from ml.errors import DatasetError, DatasetFault, PackedFile
from ml.plain_block import PlainBlock
from ml.schema import COLUMNS, LOAN_ID, TARGET
from ml.values import show

BLOCK = 1 << 19  # measured: smaller ones cost more calls, larger ones gain nothing
LONGEST_LINE = 1 << 17  # as long as the csv module lets a cell be
_FIELDS = (LOAN_ID, *COLUMNS)
_PACKED = {b"PK\x03\x04": "a zip archive or a workbook", b"\x1f\x8b": "gzip"}


class Block(NamedTuple):
    """Rows of text.

    Attributes
    ----------
    lines : sequence of int, length n
        Where each row begins.
    columns : dict of str to sequence of str, each of length n
    """

    lines: Sequence[int]
    columns: dict[str, Sequence[str]]


class CsvStream:
    """The applications of one file; `digest` is that of its bytes once `blocks` is through.

    Raises
    ------
    DatasetError
        As soon as the file's form is at fault.
    """

    def __init__(self, name: str, file: io.BufferedReader, block: int = BLOCK) -> None:
        self._name, self._file, self._size = name, file, block
        self._line = 1  # of what is read next
        self.digest = hashlib.sha256()
        self.size = 0
        first = self._read(0)
        self._delimiter = delimiter_of(first.encode())
        self._header: list[str] = []
        rows = self._carefully(1, first.removeprefix("\ufeff"))
        self._header = [cell.strip() for _, cells in itertools.islice(rows, 1) for cell in cells]
        check_header(name, self._header, _FIELDS, known=(*_FIELDS, TARGET))
        self._first = list(rows)  # the whole file, where lines end in bare carriage returns

    def blocks(self) -> Iterator[Block | PlainBlock]:
        """Yield all rows; at least one is expected."""
        blocks = self._each_block()
        first = next(blocks, None)
        if first is None:
            raise DatasetError(self._name, [NO_ROWS])
        yield first
        yield from blocks

    def _each_block(self) -> Iterator[Block | PlainBlock]:
        if self._first:
            yield self._block(self._first)
        line = self._line
        while text := self._read(self._size):
            plain = PlainBlock.of(line, text, self._header, self._delimiter)
            if plain is not None:
                yield plain
            elif rows := list(self._carefully(line, text)):
                yield self._block(rows)
            line = self._line

    def _block(self, rows: Sequence[tuple[int, list[str]]]) -> Block:
        columns = zip(*(cells for _, cells in rows), strict=True)
        return Block([line for line, _ in rows], dict(zip(self._header, columns, strict=True)))

    def _carefully(self, first: int, text: str) -> Iterator[tuple[int, list[str]]]:
        """Yield each row and its line; reads on where the text ends within quotes."""
        lines = list(io.StringIO(text, newline=""))
        reader = csv.reader(
            itertools.chain(lines, iter(lambda: self._read(0), "")), delimiter=self._delimiter
        )
        start, width = first, len(self._header)
        try:
            for cells in reader:
                if width and cells and len(cells) != width:
                    raise self._fault(start, ragged(self._header, cells))
                if cells:
                    yield start, cells
                width, start = len(self._header), first + reader.line_num
                if reader.line_num >= len(lines):
                    return
        except csv.Error as error:
            raise self._fault(first + reader.line_num - 1, f"{error}") from None

    def _read(self, size: int) -> str:
        """Return so many bytes, and on to the end of their line, as text; nothing at the file's end."""
        content = self._file.read(size) + self._file.readline(LONGEST_LINE)
        self.digest.update(content)
        self.size += len(content)
        if self.size == len(content) and (packed := _packed(content)):
            fault = DatasetFault(1, None, None, f"CSV text is expected, not {packed}")
            raise PackedFile(self._name, [fault])
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            shown = show(content[error.start : error.end])
            raise self._fault_at(content, error.start, "UTF-8 text is expected", shown) from None
        if "\0" in text:
            raise self._fault_at(content, content.index(b"\0"), "text without NUL characters is expected")
        if not content.endswith(b"\n") and self._file.peek(1):
            expected = f"lines of at most {LONGEST_LINE:,} bytes are expected"
            raise self._fault_at(content, len(content), expected)
        self._line += content.count(b"\n")
        return text

    def _fault_at(self, content: bytes, place: int, expected: str, value: str | None = None) -> DatasetError:
        return self._fault(self._line + content.count(b"\n", 0, place), expected, value)

    def _fault(self, line: int, expected: str, value: str | None = None) -> DatasetError:
        return DatasetError(self._name, [DatasetFault(line, None, value, expected)])


def _packed(content: bytes) -> str | None:
    return next((name for mark, name in _PACKED.items() if content.startswith(mark)), None)
