"""A CSV file in parts that can each be read alone: where they begin is found in one walk through the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ml.tables.csv_chunk import Block
from ml.tables.csv_stream import CsvStream
from ml.tables.plain_block import PlainBlock

AnyBlock = Block | PlainBlock


class Part(NamedTuple):
    """Whole rows of a file: `length` bytes from `offset` on."""

    offset: int
    length: int
    first_line: int
    rows: int


def walk(name: str, path: Path, size: int) -> Iterator[tuple[Part, AnyBlock]]:
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
            yield Part(stream.begun, stream.size - stream.begun, lines[0], len(lines)), block


def read(name: str, path: Path, part: Part) -> tuple[AnyBlock, int]:
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
