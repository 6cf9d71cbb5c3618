"""A stored model version as a file for other systems."""

import json
from dataclasses import dataclass
from typing import Literal

from ml import export as forms
from ml.errors import ExportError
from predictions.active_model import open_version
from predictions.models import ModelVersion
from predictions.policy import FIRST_POLICY

FORMATS = ("sql", "json")
DIALECTS = ("postgres", "sqlite", "duckdb", "mysql", "spark")
TABLE = "applicants"


@dataclass(frozen=True, slots=True)
class Export:
    filename: str
    content_type: str
    text: str


def export(
    version: ModelVersion,
    *,
    format: Literal["sql", "json"] | str,  # noqa: A002
    dialect: str | None = None,
    table: str | None = None,
) -> Export:
    """Return a version as SQL or JSON, after its artefact was verified.

    Raises
    ------
    ExportError
        When it is no scorecard, or format, dialect or table cannot be used.
    ArtefactError
        When the artefact cannot be trusted.
    """
    if format == "json":
        return _json(version, dialect, table)
    if format == "sql":
        return _sql(version, dialect, table or TABLE)
    raise ExportError(f"There is no format {format!r}; known: {', '.join(FORMATS)}.")
