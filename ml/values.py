"""The one rule book for single values: what each feature accepts, and what it becomes.

Two kinds of door exist. A typed door (JSON, Python) hands over numbers as numbers; a text door (CSV, form)
hands over text only. Both end in the same checks. A table of a database may hold either, cell by cell.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from ml.errors import InvalidValue
from ml.schema import MISSING_TEXT, Feature, Kind, is_missing

Value = str | float | None

LOAN_ID_LENGTH = 64
# Controls, format and private-use characters and every separator but the plain space are not printable.
UNPRINTABLE = (
    r"\u0000-\u001f\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufeff\ufff0-\uffff"
    # Beyond the four-digit escapes that Python and JSON Schema share: the characters themselves.
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U0010ffff"
)
# Half a surrogate pair can stand in a Python text, and in no regular expression of JSON Schema.
_REFUSED = UNPRINTABLE + r"\ud800-\udfff"
LOAN_ID_REGEX = rf"^[^ {_REFUSED}]([^{_REFUSED}]*[^ {_REFUSED}])?\Z"
_LOAN_ID = re.compile(LOAN_ID_REGEX)
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z")
_SHOWN = 40


def show(value: object) -> str:
    """Write a value into a message, however long or strange it is."""
    if isinstance(value, list | dict):
        return "an array" if isinstance(value, list) else "an object"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 200:
        return "a number of very many digits"
    if not isinstance(value, str):
        return repr(value)
    text = (repr if value.isprintable() else ascii)(value[:_SHOWN])
    return text if len(value) <= _SHOWN else f"{text}... ({len(value):,} characters)"


def is_plain_line(text: str) -> bool:
    """Tell whether all characters print, with no space at either end."""
    return bool(_LOAN_ID.match(text))


def expectation(feature: Feature) -> str:
    """Say in words what `feature` accepts."""
    if feature.choices:
        return "one of " + ", ".join(f"{v:g}" if isinstance(v, float) else v for v in feature.values)
    low = f"above {feature.above:g} and up" if feature.above is not None else f"from {feature.minimum:g}"
    return f"a number {low} to {feature.maximum:,.0f} ({feature.unit})"


def from_json(feature: Feature, value: object) -> Value:
    """Check a typed value and return it as it is scored and stored.

    Raises
    ------
    InvalidValue
        With code ``required``, ``invalid``, ``invalid_choice``, ``min_value`` or ``max_value``.
    """
    if is_missing(value):
        return _missing(feature)
    if feature.kind is Kind.CATEGORY:
        return _category(feature, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValue("invalid", f"{show(value)} is not a number; expected {expectation(feature)}.")
    return _number(feature, value, show(value))


def from_text(feature: Feature, value: object) -> Value:
    """Check a text value (CSV cell, form entry); otherwise as `from_json`."""
    text = str(value if value is not None else "").strip()
    if text in MISSING_TEXT:
        return _missing(feature)
    is_number = is_decimal(text)
    if feature.kind is Kind.CATEGORY:
        return _category(feature, float(text) if is_number and feature.numbers else text)
    if not is_number:
        raise InvalidValue(
            "invalid", f"{show(text)} is not a plain decimal number; expected {expectation(feature)}."
        )
    return _number(feature, float(text), text if len(text) <= _SHOWN else show(text))


def is_decimal(text: str) -> bool:
    """Tell whether a text is a plain decimal number: digits of ASCII, a point, a sign, and nothing else."""
    return _DECIMAL.match(text) is not None


def loan_id_from_json(value: object) -> str | None:
    """Check a Loan_ID of a typed door; ``None`` when there is none."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > LOAN_ID_LENGTH or not is_plain_line(value):
        raise InvalidValue(
            "invalid",
            f"{show(value)} is not a Loan_ID; expected text of 1 to {LOAN_ID_LENGTH} printable "
            "characters that neither begins nor ends with a space.",
        )
    return value


def loan_id_from_text(value: object) -> str | None:
    """Check a Loan_ID of a text door, where surrounding spaces do not count."""
    return loan_id_from_json(str(value if value is not None else "").strip())


class Door(NamedTuple):
    """How one kind of door reads a value and a Loan_ID."""

    value: Callable[[Feature, object], Value]
    loan_id: Callable[[object], str | None]


def from_cell(feature: Feature, value: object) -> Value:
    """Check what a table of a database holds: text as `from_text` does, all else as `from_json`."""
    return (from_text if isinstance(value, str) else from_json)(feature, value)


def loan_id_from_cell(value: object) -> str | None:
    """Check a Loan_ID as `from_cell` checks a value."""
    return (loan_id_from_text if isinstance(value, str) else loan_id_from_json)(value)


JSON = Door(from_json, loan_id_from_json)
TEXT = Door(from_text, loan_id_from_text)
CELL = Door(from_cell, loan_id_from_cell)


def _missing(feature: Feature) -> Value:
    if not feature.optional:
        raise InvalidValue("required", f"A value is required: {expectation(feature)}.")
    return None


def _category(feature: Feature, value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = dict(feature.numbers).get(value, value)
    if isinstance(value, str) and value in feature.values:
        return value
    raise InvalidValue("invalid_choice", f"{show(value)} is not {expectation(feature)}.")


def _number(feature: Feature, value: float, shown: str) -> float:
    if feature.choices and value not in feature.values:
        raise InvalidValue("invalid_choice", f"{shown} is not {expectation(feature)}.")
    too_low = feature.minimum is not None and value < feature.minimum
    if too_low or (feature.above is not None and value <= feature.above):
        raise InvalidValue("min_value", f"{shown} is too small; expected {expectation(feature)}.")
    if feature.maximum is not None and value > feature.maximum:
        raise InvalidValue("max_value", f"{shown} is too large; expected {expectation(feature)}.")
    return float(value) + 0.0  # -0.0 becomes 0.0
