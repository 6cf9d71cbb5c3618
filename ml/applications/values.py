"""Rules for single values: what each feature accepts, and how the value is stored.

JSON and Python give numbers as numbers. Texts, which `ml.applications.spellings` reads, pass the same checks.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ml.applications.types import Value
from ml.errors import InvalidValue
from ml.expressions.sizes import LARGEST
from ml.schemas.features import Feature, Kind, is_missing

LOAN_ID_LENGTH = 64
# Unprintable: controls, format and private-use characters, and every separator but the plain space.
UNPRINTABLE = (
    r"\u0000-\u001f\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufeff\ufff0-\uffff"
    # Python and JSON Schema share only four-digit escapes, so these characters stand here themselves.
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U0010ffff"
)
# Printable by Unicode's rules, but nothing is seen: fillers, joiners, selectors, blanks, noncharacters.
INVISIBLE = (
    r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufdd0-\ufdef\ufe00-\ufe0f\uffa0\u2d7f"
    "\U0001107f\U0001bc9d\U00013440-\U00013446\U00016fe4\U0001d159"
) + "".join(f"{chr(plane - 2)}-{chr(plane - 1)}" for plane in range(0x20000, 0xF0000, 0x10000))
# A Python text may contain half a surrogate pair; a regular expression of JSON Schema may not.
_SURROGATES = r"\ud800-\udfff"
_NOT_VISIBLE = re.compile(f"[{UNPRINTABLE}{INVISIBLE}{_SURROGATES}]")
_REFUSED = UNPRINTABLE + _SURROGATES
_PLAIN_LINE = re.compile(rf"^[^ {_REFUSED}]([^{_REFUSED}]*[^ {_REFUSED}])?\Z")
# Matches most Loan_IDs, which then need no further check.
PLAIN_LOAN_ID = r"^[!-~]([ -~]*[!-~])?\Z"
_MAX_COMPOSED = 4 * LOAN_ID_LENGTH  # composing a longer text can take very long
_SPACES = " \t\r\n\v\f"
_SHOWN = 40


def show_value(value: object) -> str:
    """Return a value as error messages show it: quoted, shortened, with unseen characters escaped.

    Examples
    --------
    >>> show_value("Urbn")
    "'Urbn'"
    >>> show_value([1, 2])
    'an array'
    >>> show_value("zero\\u200bwidth")
    "'zero\\\\u200bwidth'"
    >>> show_value(True)
    'True (a truth value)'
    """
    if isinstance(value, bool):
        return f"{value} (a truth value)"
    if isinstance(value, list | dict):
        return "an array" if isinstance(value, list) else "an object"
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of very many digits"
    if not isinstance(value, str):
        return repr(value)
    start = value[:_SHOWN]
    text = (repr if _is_visible(start) else ascii)(start)
    return text if len(value) <= _SHOWN else f"{text}... ({len(value):,} characters)"


def is_plain_line(text: str) -> bool:
    """Return True if all characters are printable and neither end is a space."""
    return bool(_PLAIN_LINE.match(text))


def _is_visible(text: str) -> bool:
    return text.isascii() or not (_NOT_VISIBLE.search(text) or _starts_with_mark(text))


def _starts_with_mark(text: str) -> bool:
    """Return True if the first character is a combining mark, drawn onto the character before it."""
    return unicodedata.category(text[0]).startswith("M")


def describe_expectation(feature: Feature) -> str:
    """Describe the values that `feature` accepts.

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> describe_expectation(built_in().by_column["Property_Area"])
    'one of Rural, Semiurban, Urban'
    >>> describe_expectation(built_in().by_column["Loan_Amount_Term"])
    'a number from 1 to 600 (months)'
    """
    if feature.choices:
        return "one of " + ", ".join(f"{v:g}" if isinstance(v, float) else v for v in feature.values)
    unit = f" ({feature.unit})" if feature.unit else ""
    codes = "".join(f", or {number:g} for {words}" for number, words in feature.special)
    return f"a number{_bounds(feature)}{unit}{codes}"


def _bounds(feature: Feature) -> str:
    """Describe the bounds of a number; those that only keep amounts within reason are not worth a word."""
    highest = "" if feature.maximum == LARGEST else _plain(feature.maximum or 0.0)
    if feature.above is not None:
        return f" above {_plain(feature.above)}" + (f" and up to {highest}" if highest else "")
    if feature.minimum is None or feature.minimum == -LARGEST:
        return f" up to {highest}" if highest else ""
    lowest = _plain(feature.minimum)
    return f" from {lowest} to {highest}" if highest else f" of at least {lowest}"


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number.is_integer() else f"{number:,.10g}"


def from_json(feature: Feature, value: object) -> Value:
    """Check a typed value and return it as it is scored and stored.

    Raises
    ------
    InvalidValue
        With code ``required``, ``invalid``, ``invalid_choice``, ``min_value`` or ``max_value``.

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> from_json(built_in().by_column["Dependents"], 3)
    '3+'
    >>> from_json(built_in().by_column["LoanAmount"], "128")
    Traceback (most recent call last):
    ml.errors.InvalidValue: '128' is not a number; expected a number above 0 and up to 1,000,000 (thousands).
    """
    if is_missing(value):
        return check_missing(feature)
    if feature.kind is Kind.CATEGORY:
        return check_category(feature, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValue(
            "invalid", f"{show_value(value)} is not a number; expected {describe_expectation(feature)}."
        )
    return check_number(feature, value, show_value(value))


@functools.cache
def combining_mark_ranges() -> str:
    """Return the combining marks, which cannot start a Loan_ID, as ranges of a regular expression."""
    codes = [code for code in range(0x300, 0x20000) if _starts_with_mark(chr(code))]
    starts = [code for code in codes if not _starts_with_mark(chr(code - 1))]
    ends = [code for code in codes if not _starts_with_mark(chr(code + 1))]
    return "".join(f"{_escape(start)}-{_escape(end)}" for start, end in zip(starts, ends, strict=True))


def _escape(code: int) -> str:
    return rf"\u{code:04x}" if code < 0x10000 else chr(code)


def compose_nfc(text: str) -> str:
    """Compose a text to Unicode's NFC, unless it is too long to be a Loan_ID."""
    if text.isascii() or len(text) > _MAX_COMPOSED:
        return text
    return unicodedata.normalize("NFC", text)


def spellings(loan_id: str) -> Sequence[str]:
    """Return all spellings under which an application with this Loan_ID may be stored.

    Loan_IDs are stored composed. Older versions of this program stored them as they were sent.
    """
    if loan_id.isascii() or len(loan_id) > _MAX_COMPOSED:
        return (loan_id,)
    return list(dict.fromkeys([loan_id, compose_nfc(loan_id), unicodedata.normalize("NFD", loan_id)]))


def loan_id_from_json(value: object) -> str | None:
    """Check a Loan_ID from JSON and return it composed, or ``None`` if it is absent or empty.

    Raises
    ------
    InvalidValue
        With code ``invalid``.
    """
    if value is None or value == "":
        return None
    loan_id = compose_nfc(value) if isinstance(value, str) else ""
    if not 0 < len(loan_id) <= LOAN_ID_LENGTH or not is_plain_line(loan_id) or not _is_visible(loan_id):
        raise InvalidValue("invalid", f"{show_value(value)} is not a Loan_ID; {_expected(value)}")
    return loan_id


def _expected(value: object) -> str:
    invisible = _NOT_VISIBLE.search(value[:_MAX_COMPOSED]) if isinstance(value, str) else None
    cause = f"U+{ord(invisible[0]):04X} cannot be seen; " if invisible else ""
    return (
        f"{cause}expected text of 1 to {LOAN_ID_LENGTH} printable characters that neither begins nor ends "
        "with a space, nor begins with a combining mark."
    )


def stripped(text: str) -> str:
    """Strip spaces, tabs and line breaks from both ends; in text they are no part of a Loan_ID."""
    return text.strip(_SPACES)


def loan_id_for_search(value: str) -> str:
    """Check a Loan_ID to search for: any that this or an older version of this program accepts.

    Raises
    ------
    InvalidValue
    """
    if not is_plain_line(value) or len(compose_nfc(value)) > LOAN_ID_LENGTH:
        raise InvalidValue("invalid", f"{show_value(value)} is not a Loan_ID; {_expected(value)}")
    return value


class InputFormat(NamedTuple):
    """How one kind of input (JSON, text, database cells) is read: its values and its Loan_IDs."""

    value: Callable[[Feature, object], Value]
    loan_id: Callable[[object], str | None]


JSON_INPUT = InputFormat(from_json, loan_id_from_json)


def check_missing(feature: Feature) -> Value:
    """Return ``None`` for a missing value; raises `InvalidValue` where one is required."""
    if not feature.optional:
        raise InvalidValue("required", f"A value is required: {describe_expectation(feature)}.")
    return None


def check_category(feature: Feature, value: object) -> str:
    """Return an allowed value of a category; raises `InvalidValue` for any other."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = dict(feature.numbers).get(value, value)
    if isinstance(value, str) and value in feature.values:
        return value
    raise InvalidValue("invalid_choice", f"{show_value(value)} is not {describe_expectation(feature)}.")


def check_number(feature: Feature, value: float, shown: str) -> float:
    """Return a number within its bounds; `shown` names it in the error."""
    if feature.choices and value not in feature.values:
        raise InvalidValue("invalid_choice", f"{shown} is not {describe_expectation(feature)}.")
    if value in dict(feature.special):
        return float(value)
    too_low = feature.minimum is not None and value < feature.minimum
    if too_low or (feature.above is not None and value <= feature.above):
        raise InvalidValue("min_value", f"{shown} is too small; expected {describe_expectation(feature)}.")
    if feature.maximum is not None and value > feature.maximum:
        raise InvalidValue("max_value", f"{shown} is too large; expected {describe_expectation(feature)}.")
    return float(value) + 0.0  # -0.0 becomes 0.0
