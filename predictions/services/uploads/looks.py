"""What was understood of a file, as pages and the API show it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from ml.errors import DatasetFault
from ml.intake.preview import PreviewRow
from ml.intake.understanding import Understanding

Look = dict[str, Any]


class Looked(NamedTuple):
    """A look at a file, and the plain CSV to use (the file itself if it is plain)."""

    look: Look
    plain: Path


def understood(understanding: Understanding) -> Look:
    """Return how a file is read; a look at its rows adds `problems`."""
    return {
        "name": understanding.name,
        "kind": understanding.kind,
        "sheets": [*understanding.sheets],
        "sheet": understanding.sheet,
        "encoding": understanding.encoding,
        "header_row": understanding.header_row,
        "decimal": understanding.convention.value if understanding.convention else None,
        "decided_by": understanding.evidence_words,
        "open_cells": [cell._asdict() for cell in understanding.open_cells],
        "columns": [
            {"heading": heading.text, "column": heading.column, "sure": heading.sure}
            for heading in understanding.columns
        ],
        "missing": understanding.missing,
        "per": dict(understanding.per),
        "suggested_per": dict(understanding.per_suggested),
        "notes": [*understanding.notes],
        "problems": [],
        "shape": understanding.shape,
        "digest": understanding.digest,
    }


def row_facts(rows: Iterable[PreviewRow]) -> list[Look]:
    """Return the first rows as they are read."""
    return [{"row": row.line, "cells": [cell._asdict() for cell in row.cells]} for row in rows]


def raw_rows(understanding: Understanding) -> list[Look]:
    """Return the first rows of a file that cannot be read, as they stand in it."""
    return [
        {
            "row": row,
            "cells": [
                {"text": f"{cells[heading.place]}", "words": "", "fault": "", "remark": ""}
                for heading in understanding.columns
            ],
        }
        for row, cells in understanding.head
    ]


def fault_facts(faults: Iterable[DatasetFault]) -> list[Look]:
    """Return faults of rows."""
    return [
        {"row": fault.line, "column": fault.column, "value": fault.value, "expected": fault.expected}
        for fault in faults
    ]
