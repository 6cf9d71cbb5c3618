"""The one rule book for single values: what each feature accepts, and what it becomes.

Two kinds of door exist. A typed door (JSON, Python) hands over numbers as numbers; a text door (CSV, form)
hands over text only. Both end in the same checks. A table of a database may hold either, cell by cell.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ml.applications.schema import MISSING_TEXT, Feature, Kind, is_missing
from ml.applications.types import Value
from ml.errors import InvalidValue

LOAN_ID_LENGTH = 64
# Controls, format and private-use characters and every separator but the plain space are not printable.
UNPRINTABLE = (
    r"\u0000-\u001f\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufeff\ufff0-\uffff"
    # Beyond the four-digit escapes that Python and JSON Schema share: the characters themselves.
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U0010ffff"
)
# Characters that count as printable and show nothing: fillers, joiners, selectors, blanks, no characters.
INVISIBLE = (
    r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufdd0-\ufdef\ufe00-\ufe0f\uffa0\u2d7f"
    "\U0001107f\U0001bc9d\U00013440-\U00013446\U00016fe4\U0001d159"
) + "".join(f"{chr(plane - 2)}-{chr(plane - 1)}" for plane in range(0x20000, 0xF0000, 0x10000))
# Half a surrogate pair can stand in a Python text, and in no regular expression of JSON Schema.
_SURROGATES = r"\ud800-\udfff"
_UNSEEN = re.compile(f"[{UNPRINTABLE}{INVISIBLE}{_SURROGATES}]")
_REFUSED = UNPRINTABLE + _SURROGATES
_PLAIN_LINE = re.compile(rf"^[^ {_REFUSED}]([^{_REFUSED}]*[^ {_REFUSED}])?\Z")
# What most Loan_IDs are made of: it needs no further look.
PLAIN_LOAN_ID = r"^[!-~]([ -~]*[!-~])?\Z"
_MOST_DECOMPOSED = 4 * LOAN_ID_LENGTH  # to compose more would take very long for some texts
_SPACES = " \t\r\n\v\f"
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z")
_SHOWN = 40


def show_value(value: object) -> str:
    """Write a value into a message, however long or strange it is."""
    if isinstance(value, list | dict):
        return "an array" if isinstance(value, list) else "an object"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 200:
        return "a number of very many digits"
    if not isinstance(value, str):
        return repr(value)
    begin = value[:_SHOWN]
    text = (repr if _is_seen(begin) else ascii)(begin)
    return text if len(value) <= _SHOWN else f"{text}... ({len(value):,} characters)"


def is_plain_line(text: str) -> bool:
    """Tell whether all characters print, with no space at either end."""
    return bool(_PLAIN_LINE.match(text))


def _is_seen(text: str) -> bool:
    return text.isascii() or not (_UNSEEN.search(text) or _begins_with_mark(text))


def _begins_with_mark(text: str) -> bool:
    """Tell whether the first character is one that is drawn onto the one before it."""
    return unicodedata.category(text[0]).startswith("M")


def describe_expectation(feature: Feature) -> str:
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
        raise InvalidValue(
            "invalid", f"{show_value(value)} is not a number; expected {describe_expectation(feature)}."
        )
    return _number(feature, value, show_value(value))


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
            "invalid",
            f"{show_value(text)} is not a plain decimal number; expected {describe_expectation(feature)}.",
        )
    return _number(feature, float(text), text if len(text) <= _SHOWN else show_value(text))


def is_decimal(text: str) -> bool:
    """Tell whether a text is a plain decimal number: digits of ASCII, a point, a sign, and nothing else."""
    return _DECIMAL.match(text) is not None


def combining_mark_ranges() -> str:
    """Return the characters that no Loan_ID begins with, as ranges of a regular expression."""
    codes = [code for code in range(0x300, 0x20000) if _begins_with_mark(chr(code))]
    starts = [code for code in codes if not _begins_with_mark(chr(code - 1))]
    ends = [code for code in codes if not _begins_with_mark(chr(code + 1))]
    return "".join(f"{_written(start)}-{_written(end)}" for start, end in zip(starts, ends, strict=True))


def _written(code: int) -> str:
    return rf"\u{code:04x}" if code < 0x10000 else chr(code)


def compose_nfc(text: str) -> str:
    """Compose a text (Unicode's NFC), unless it is too long to be a Loan_ID."""
    if text.isascii() or len(text) > _MOST_DECOMPOSED:
        return text
    return unicodedata.normalize("NFC", text)


def spellings(loan_id: str) -> Sequence[str]:
    """Return all texts that an application of this Loan_ID may be stored under.

    Loan_IDs are stored composed; older versions stored each as it came.
    """
    if loan_id.isascii() or len(loan_id) > _MOST_DECOMPOSED:
        return (loan_id,)
    return list(dict.fromkeys([loan_id, compose_nfc(loan_id), unicodedata.normalize("NFD", loan_id)]))


def loan_id_from_json(value: object) -> str | None:
    """Check a Loan_ID of a typed door and return it composed; ``None`` when there is none."""
    if value is None or value == "":
        return None
    loan_id = compose_nfc(value) if isinstance(value, str) else ""
    if not 0 < len(loan_id) <= LOAN_ID_LENGTH or not is_plain_line(loan_id) or not _is_seen(loan_id):
        raise InvalidValue("invalid", f"{show_value(value)} is not a Loan_ID; {_expected(value)}")
    return loan_id


def _expected(value: object) -> str:
    unseen = _UNSEEN.search(value[:_MOST_DECOMPOSED]) if isinstance(value, str) else None
    first = f"U+{ord(unseen[0]):04X} cannot be seen; " if unseen else ""
    return (
        f"{first}expected text of 1 to {LOAN_ID_LENGTH} printable characters that neither begins nor ends "
        "with a space, nor begins with a mark for the letter before it."
    )


def stripped(text: str) -> str:
    """Take spaces, tabs and line breaks off both ends: in text, they do not belong to a Loan_ID."""
    return text.strip(_SPACES)


def loan_id_from_text(value: object) -> str | None:
    """Check a Loan_ID of a text door, where surrounding spaces do not count."""
    return loan_id_from_json(stripped(str(value if value is not None else "")))


def loan_id_for_search(value: str) -> str:
    """Check a Loan_ID that is looked for: any that some version of this program accepted.

    Raises
    ------
    InvalidValue
    """
    if not is_plain_line(value) or len(compose_nfc(value)) > LOAN_ID_LENGTH:
        raise InvalidValue("invalid", f"{show_value(value)} is not a Loan_ID; {_expected(value)}")
    return value


class InputFormat(NamedTuple):
    """How one kind of door reads a value and a Loan_ID."""

    value: Callable[[Feature, object], Value]
    loan_id: Callable[[object], str | None]


def from_cell(feature: Feature, value: object) -> Value:
    """Check what a table of a database holds: text as `from_text` does, all else as `from_json`."""
    return (from_text if isinstance(value, str) else from_json)(feature, value)


def loan_id_from_cell(value: object) -> str | None:
    """Check a Loan_ID as `from_cell` checks a value."""
    return (loan_id_from_text if isinstance(value, str) else loan_id_from_json)(value)


JSON_INPUT = InputFormat(from_json, loan_id_from_json)
TEXT_INPUT = InputFormat(from_text, loan_id_from_text)
CELL_INPUT = InputFormat(from_cell, loan_id_from_cell)


def _missing(feature: Feature) -> Value:
    if not feature.optional:
        raise InvalidValue("required", f"A value is required: {describe_expectation(feature)}.")
    return None


def _category(feature: Feature, value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = dict(feature.numbers).get(value, value)
    if isinstance(value, str) and value in feature.values:
        return value
    raise InvalidValue("invalid_choice", f"{show_value(value)} is not {describe_expectation(feature)}.")


def _number(feature: Feature, value: float, shown: str) -> float:
    if feature.choices and value not in feature.values:
        raise InvalidValue("invalid_choice", f"{shown} is not {describe_expectation(feature)}.")
    too_low = feature.minimum is not None and value < feature.minimum
    if too_low or (feature.above is not None and value <= feature.above):
        raise InvalidValue("min_value", f"{shown} is too small; expected {describe_expectation(feature)}.")
    if feature.maximum is not None and value > feature.maximum:
        raise InvalidValue("max_value", f"{shown} is too large; expected {describe_expectation(feature)}.")
    return float(value) + 0.0  # -0.0 becomes 0.0
