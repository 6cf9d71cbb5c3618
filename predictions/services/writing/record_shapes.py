"""Bodies in the shapes that R and pandas make by default: one sentence says what to send instead.

Nothing is guessed: such a body is refused. Only bodies that are refused anyway are looked at.
"""

import re

from ml.errors import TooManyValues, UnreadableJSON
from ml.schemas.schema import LOAN_ID, Schema

BOXED = (
    "Every value stands in an array of its own; send plain values, "
    'in R toJSON(df, auto_unbox = TRUE), in pandas json.loads(df.to_json(orient="records")).'
)
TABLE = (
    "This is a table, not an array of applications; send one object for each row, "
    'in pandas json.loads(df.to_json(orient="records")), in R toJSON(df, auto_unbox = TRUE).'
)
TEXT = (
    "This is JSON within a JSON text; send the JSON itself, "
    'in pandas json.loads(df.to_json(orient="records")), in R the text of toJSON(df, auto_unbox = TRUE).'
)
_WORDS_OF_TABLES = ({"columns", "data"}, {"schema", "data"})  # orient="split" and "table"
_KEY = r'"((?:[^"\\]|\\.){0,100})"\s*:\s*'
_HEAD = re.compile(rf"\s*\{{\s*{_KEY}(?:\[|\{{\s*(?:{_KEY})?)")
_ROWS_OF_VALUES = re.compile(r'\s*\[\s*\[\s*["\dn-]')  # orient="values"
_HEAD_LENGTH = 1_000


def advice(schema: Schema, document: object) -> str | None:
    """Return what to send instead of a decoded body, or None if it has none of these shapes."""
    if isinstance(document, str):
        return TEXT if document.lstrip(' \t\r\n"\\').startswith(("[", "{")) else None
    if isinstance(document, dict):
        return boxed_advice(schema, document) or (TABLE if _is_table(schema, document) else None)
    if isinstance(document, list) and document:
        return BOXED if all(boxed_advice(schema, row) for row in document) else None
    return None


def boxed_advice(schema: Schema, row: object) -> str | None:
    """Return what to send instead of an application whose values all stand in arrays of at most one."""
    if not isinstance(row, dict) or not _names(schema) & row.keys():
        return None
    # R writes NULL as {}.
    boxed = all((isinstance(value, list) and len(value) <= 1) or value == {} for value in row.values())
    return BOXED if boxed else None


def advice_by_head(schema: Schema, body: str | bytes, error: Exception) -> str | None:
    """Return what to send instead of a body that was not decoded, by its first characters."""
    start = body[:_HEAD_LENGTH]
    head = start.decode("utf-8-sig", "replace") if isinstance(start, bytes) else start
    if isinstance(error, UnreadableJSON):
        return TABLE if _ROWS_OF_VALUES.match(head) else None
    found = _HEAD.match(head) if isinstance(error, TooManyValues) else None
    known = _names(schema).union(*_WORDS_OF_TABLES)
    return TABLE if found and known.intersection(found.groups()) else None


def _is_table(schema: Schema, document: dict[str, object]) -> bool:
    """Whether an object holds a table: by columns, by its index, or beside a description."""
    values = [*document.values()]
    if not values or not all(isinstance(value, list | dict) for value in values):
        return False
    if any(words <= document.keys() for words in _WORDS_OF_TABLES):
        return True
    inner = values[0].keys() if isinstance(values[0], dict) else set()
    return bool(_names(schema) & (document.keys() | inner))


def _names(schema: Schema) -> set[str]:
    return {LOAN_ID, *schema.fields}
