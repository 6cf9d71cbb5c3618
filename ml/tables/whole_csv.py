"""Read the rows of a CSV file in memory as blocks."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, cast

from ml.applications.values import show_value
from ml.errors import DatasetError, DatasetFault
from ml.schemas.schema import Schema
from ml.tables.csv_stream import AnyBlock, CellBlock, CsvStream
from ml.tables.header import Header, detect_delimiter, read_header
from ml.tables.row_faults import cell_count_expectation
from ml.tables.safe_csv import unescape_formula

Reader = Any  # the type that `csv.reader` returns has no name


def read_blocks(
    schema: Schema, name: str, content: bytes, *, training: bool = False
) -> tuple[Header, list[AnyBlock]]:
    """Return the heading and all rows of a file.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    training : bool
        Whether the file must have the target.

    Raises
    ------
    DatasetError
        If the file is not UTF-8 text, a required column is missing, or a row has more or fewer cells.
    """
    if content.count(b"\r") != content.count(b"\r\n"):  # a stream counts no line that ends in a bare one
        return _read_as_one(schema, name, content, training)
    file = io.BufferedReader(io.BytesIO(content))
    try:
        stream = CsvStream(schema, name, cast(io.BufferedReader, file), training=training)
        blocks = [chunk.block() for chunk in stream.chunks()]
    except DatasetError:  # lines of any length and NUL characters are accepted here, or the fault is named
        return _read_as_one(schema, name, content, training)
    return stream.header, [block for block in blocks if block is not None]


def _read_as_one(schema: Schema, name: str, content: bytes, training: bool) -> tuple[Header, list[AnyBlock]]:
    text = _text(name, content)
    delimiter = detect_delimiter(text.lstrip("\r\n").encode())
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        headings = next(filter(None, reader), [])  # behind blank lines, where a sheet has a title
        header = read_header(name, headings, schema, training=training)
        rows = [*_numbered(name, reader, header.names)]
    except csv.Error as error:
        raise DatasetError(name, [DatasetFault(reader.line_num, None, None, f"{error}")]) from None
    columns = zip(header.names, zip(*(cells for _, cells in rows), strict=True), strict=True)
    return header, [CellBlock([line for line, _ in rows], dict(columns))] if rows else []


def _numbered(name: str, reader: Reader, header: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    start = reader.line_num + 1
    for cells in reader:
        if cells:
            if len(cells) != len(header):
                expected = cell_count_expectation(header, cells)
                raise DatasetError(name, [DatasetFault(start, None, None, expected)])
            yield start, [*map(unescape_formula, cells)]
        start = reader.line_num + 1


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = DatasetFault(
            line, None, show_value(content[error.start : error.end]), "UTF-8 text is expected"
        )
        raise DatasetError(name, [fault]) from None
