"""How an entry of a form is understood."""

from typing import NamedTuple

from ml.applications.types import Value
from ml.applications.values import from_text
from ml.schemas.features import Feature
from predictions.web.entries import entry_of, read_entry


class Spelling(NamedTuple):
    """A value, and how its text was understood; no words where the text says it itself."""

    value: Value
    read_as: str


def understand_entry(feature: Feature, entry: str) -> Spelling:
    """Return the value of an entry as scoring reads it, and how it was understood. Raises `InvalidValue`."""
    value = read_entry(feature, entry)
    is_plain = value is None or feature.choices or entry.strip() == entry_of(feature, value)
    return Spelling(value, "" if is_plain or value is None else feature.value_text(value))


def understand_cell(feature: Feature, cell: str) -> Value:
    """Return the value of a cell of a file, in the units of files. Raises `InvalidValue`."""
    return from_text(feature, cell)
