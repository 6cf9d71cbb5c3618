"""The points table as plain JSON values.

Version 1 knows edges alone. Version 2 added `unseen` codes. Version 3 adds `groups`, `special` and the label
of a column, so that the words of a reason are part of the model; older versions take it from the schema.
"""

from typing import NotRequired, TypedDict

from ml.schemas.schema import Schema
from ml.scorecard.scorecard_columns import Bin, ScorecardColumn

FORMAT = "loansite-scorecard"
FORMAT_VERSION = 3
READABLE_VERSIONS = (1, 2, 3)


class BinJSON(TypedDict):
    label: str
    points: float
    rows: int
    approved: int


class ColumnJSON(TypedDict):
    column: str
    label: NotRequired[str]
    edges: NotRequired[list[float]]
    groups: NotRequired[list[list[int]]]
    special: NotRequired[list[float]]
    unseen: NotRequired[list[int]]
    bins: list[BinJSON]


class ScorecardJSON(TypedDict):
    """A `Scorecard` in artefacts and exports."""

    format: str
    version: int
    base: float
    columns: list[ColumnJSON]


def check_version(document: ScorecardJSON) -> None:
    """Raise a ValueError unless `document` is a points table of a version that this release reads."""
    if document.get("format") != FORMAT or document.get("version") not in READABLE_VERSIONS:
        versions = " or ".join(map(str, READABLE_VERSIONS))
        raise ValueError(f"This is not a {FORMAT} document of version {versions}.")


def column_to_json(column: ScorecardColumn) -> ColumnJSON:
    """Return a column; `column_from_json` restores it exactly."""
    document: ColumnJSON = {
        "column": column.column,
        "label": column.label,
        "bins": [
            {"label": row.label, "points": row.points, "rows": row.rows, "approved": row.approved}
            for row in column.bins
        ],
    }
    if column.edges is not None:
        document["edges"] = column.edges
    if column.groups is not None:
        document["groups"] = column.groups
    if column.special:
        document["special"] = column.special
    if column.unseen:
        document["unseen"] = column.unseen
    return document


def column_from_json(schema: Schema, document: ColumnJSON) -> ScorecardColumn:
    """Restore a column of any readable version."""
    return ScorecardColumn(
        schema.by_model_column[document["column"]],
        [Bin(**row) for row in document["bins"]],
        edges=document.get("edges"),
        groups=document.get("groups"),
        special=document.get("special", ()),
        unseen=document.get("unseen", ()),
        label=document.get("label"),
    )
