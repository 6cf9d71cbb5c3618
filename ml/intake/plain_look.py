"""Tell from the head of a large file, and a quick look at the rest, that it is plain CSV already."""

import csv
import io
import mmap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ml.intake.headings import Heading
from ml.intake.rows import Row
from ml.intake.sources import Source
from ml.intake.survey import Survey, survey_rows
from ml.intake.texts import HEAD
from ml.schemas.schema import Schema

_PIECE = 1 << 18  # bytes; small enough for a core's cache


def looks_plain(
    schema: Schema, path: Path, source: Source, header: Row, headings: Sequence[Heading]
) -> Survey | None:
    """Return what the first rows say of a file that is plain CSV to its end; ``None`` for any other file.

    Without a quote, no cell of a comma-separated file has a decimal comma. Without a comma and a point, no
    number of a file has a decimal mark at all.
    """
    if not source.is_plain or not all(heading.text for heading in headings) or header[0] != 1:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.size() <= HEAD or not _is_unquoted(content, source.delimiter or ",", len(headings)):
            return None
        head = content[: content.rfind(b"\n", 0, HEAD) + 1]
    rows = [*csv.reader(io.StringIO(head.decode("utf-8-sig"), newline=""), delimiter=source.delimiter or ",")]
    if len(rows) < 2 or any(len(cells) != len(headings) for cells in rows):
        return None
    facts = survey_rows(schema, source.name, [*enumerate(rows, 1)][1:], header, headings)
    facts.rows = None
    return facts if facts.is_regular else None


def _is_unquoted(content: mmap.mmap, delimiter: str, width: int) -> bool:
    mark = delimiter.encode()
    decides = delimiter == "," or (content.find(b",") < 0 and content.find(b".") < 0)
    if not decides or content.find(b'"') >= 0:
        return False
    return not _has_first_cell_empty(content, mark) or content.find(b"\n" + mark * (width - 1)) < 0


def _has_first_cell_empty(content: mmap.mmap, mark: bytes) -> bool:
    """Return whether a line starts with a delimiter; this takes a quarter of a search for an empty row."""
    for start in range(0, content.size(), _PIECE):
        piece = np.frombuffer(content[start : start + _PIECE + 1], np.uint8)
        if ((piece[:-1] == ord("\n")) & (piece[1:] == ord(mark))).any():
            return True
    return False
