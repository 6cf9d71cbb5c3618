"""The schema of the built-in product."""

import functools
from pathlib import Path

from ml.schemas.schema import Schema

_FILE = Path(__file__).with_name("loan_prediction.toml")


@functools.cache
def built_in() -> Schema:
    """Return version 1 of the schema of ``loan-prediction``, the table of the article."""
    from ml.schemas.toml import read_schema  # a process that serves stored schemas needs no parser

    return read_schema(_FILE.read_bytes(), _FILE.name)
