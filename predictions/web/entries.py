"""Entries of an application's form: how a value is entered, and how an entry is read.

People write a number in units of their own: the stored value times `Feature.scale`.
"""

from dataclasses import replace
from decimal import Decimal

from ml.applications.types import Value
from ml.applications.values import from_text
from ml.expressions.sizes import LARGEST
from ml.schemas.features import Feature


def read_entry(feature: Feature, entry: object) -> Value:
    """Check an entry and return the value that is stored.

    The bounds in an error are in the units of the form. Codes of a number are entered as they are.

    Raises
    ------
    InvalidValue
    """
    if feature.choices:
        chosen = {entry_of(feature, value): value for value, _ in feature.choices}
        return chosen[entry] if isinstance(entry, str) and entry in chosen else from_text(feature, entry)
    value = from_text(_as_written(feature), entry)
    if value is None or isinstance(value, str) or value in dict(feature.special):
        return value
    return value / feature.scale


def entry_of(feature: Feature, value: Value) -> str:
    """Write a value as it is entered: a plain decimal, or nothing for a missing value."""
    if value is None or isinstance(value, str):
        return value or ""
    is_code = feature.choices or value in dict(feature.special)
    shown = Decimal(repr(value)) * (1 if is_code else Decimal(repr(feature.scale)))
    return f"{shown.normalize():f}"


def _as_written(feature: Feature) -> Feature:
    """Return the feature with its bounds in the units of the form."""
    if feature.scale == 1:
        return feature
    return replace(
        feature,
        minimum=_scaled(feature.minimum, feature.scale),
        above=_scaled(feature.above, feature.scale),
        maximum=_scaled(feature.maximum, feature.scale),
    )


def _scaled(bound: float | None, scale: float) -> float | None:
    return bound if bound is None or abs(bound) == LARGEST else bound * scale
