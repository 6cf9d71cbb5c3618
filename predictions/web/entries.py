"""Entries of an application's form: how a value is entered, and how an entry is read.

People write a number in units of their own: the stored value times `Feature.scale`.
"""

from decimal import Decimal

from ml.applications.number_texts import Convention
from ml.applications.spellings import Spelling, read_spelling
from ml.applications.types import Value
from ml.schemas.features import Feature


def read_entry(feature: Feature, entry: object) -> Value:
    """Check an entry and return the value that is stored (see `understand_entry`)."""
    return understand_entry(feature, entry).value


def understand_entry(feature: Feature, entry: object) -> Spelling:
    """Return the value of an entry, and how it was understood.

    The bounds in an error are in the units of the form. Codes of a number are entered as they are.

    Raises
    ------
    InvalidValue
    """
    for value, _ in feature.choices:
        if entry == entry_of(feature, value):
            return Spelling(value, "")
    return read_spelling(feature, entry, Convention.PAGE, as_written=True)


def entry_of(feature: Feature, value: Value) -> str:
    """Write a value as it is entered: a plain decimal, or nothing for a missing value."""
    if value is None or isinstance(value, str):
        return value or ""
    is_code = feature.choices or value in dict(feature.special)
    shown = Decimal(repr(value)) * (1 if is_code else Decimal(repr(feature.scale)))
    return f"{shown.normalize():f}"
