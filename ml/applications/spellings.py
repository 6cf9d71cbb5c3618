"""Values as people write them in forms, files and text columns of databases.

JSON is for programs and stays strict (`ml.applications.values`). A text of a person is understood, and
`Spelling.read_as` tells how, so that a page can show it before it is stored. A text with two meanings is
refused with both.
"""

import functools
import re
from dataclasses import replace
from typing import NamedTuple

from ml.applications.choice_texts import fold_text, meant_choices
from ml.applications.currencies import CODE, CODES, without_currency
from ml.applications.error_texts import is_error_text
from ml.applications.number_texts import (
    NUMBER_START,
    Convention,
    has_exponent,
    is_decimal,
    is_open,
    number_readings,
    read_number,
)
from ml.applications.types import Value
from ml.applications.values import (
    InputFormat,
    check_category,
    check_missing,
    check_number,
    describe_expectation,
    from_json,
    loan_id_from_json,
    show_value,
    stripped,
)
from ml.errors import InvalidValue
from ml.expressions.sizes import LARGEST
from ml.schemas.features import MISSING_TEXT, Feature, Kind

_SHOWN = 40
_DASHES = frozenset(["-", "\u2013", "\u2014"])  # what tables write for no value
_THOUSAND, _MILLION = 1_000.0, 1_000_000.0
_MAGNITUDES = {
    **dict.fromkeys(["k", "thousand", "thousands", "tsd", "tsd."], _THOUSAND),
    **dict.fromkeys(["million", "millions", "mn", "mio", "mio."], _MILLION),
    **dict.fromkeys(["lakh", "lakhs", "lac", "lacs"], 100_000.0),
    **dict.fromkeys(["crore", "crores"], 10_000_000.0),
}
_MONTH = ("month", "months", "mo", "mos", "mths", "mth")
_YEAR = ("year", "years", "yr", "yrs", "y")
_PER_MONTH = ("per month", "a month", "/month", "/mo", "/m", "monthly", "p.m.", "pm", "each month")
_PER_YEAR = ("per year", "a year", "/year", "/yr", "/y", "yearly", "p.a.", "pa", "per annum", "annually")
# Words behind a number in a column of this unit, with what they multiply it by.
_UNITS: dict[str, dict[str, float]] = {
    "months": {**dict.fromkeys(_MONTH, 1.0), **dict.fromkeys(_YEAR, 12.0)},
    "years": {**dict.fromkeys(_YEAR, 1.0), **dict.fromkeys(_MONTH, 1 / 12)},
    "per month": {**dict.fromkeys(_PER_MONTH, 1.0), **dict.fromkeys(_PER_YEAR, 1 / 12)},
    "per year": {**dict.fromkeys(_PER_YEAR, 1.0), **dict.fromkeys(_PER_MONTH, 12.0)},
}
_DURATIONS = frozenset({"months", "years", "weeks", "days", "hours"})
_PER_CENT = re.compile(r"%|per ?cent|percent")


class Spelling(NamedTuple):
    """A value, and how its text was understood: words such as "4,100 per month", or nothing to say."""

    value: Value
    read_as: str


def read_spelling(
    feature: Feature, text: object, convention: Convention | None = None, *, as_written: bool = False
) -> Spelling:
    """Read a text as a person means it.

    Parameters
    ----------
    convention : Convention or None
        The decimal mark of the text's source; ``None`` refuses a number that others may read otherwise.
    as_written : bool
        Whether the number is in the units of forms and pages: the stored value times `Feature.scale`.

    Raises
    ------
    InvalidValue
        With code ``ambiguous``, which names both readings, or one of those of `from_json`.

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> columns = built_in().by_column
    >>> read_spelling(columns["ApplicantIncome"], "$ 70,000", Convention.POINT)
    Spelling(value=70000.0, read_as='70,000 per month')
    >>> read_spelling(columns["Loan_Amount_Term"], "30 years")
    Spelling(value=360.0, read_as='360 months')
    >>> read_spelling(columns["Property_Area"], " semi-urban ")
    Spelling(value='Semiurban', read_as='Semiurban')
    >>> read_spelling(columns["ApplicantIncome"], "4.100")
    Traceback (most recent call last):
    ml.errors.InvalidValue: 4.100 may mean 4,100 or 4.1; write 4100 or 4.1.
    """
    cleaned = _cleaned(text)
    if cleaned in MISSING_TEXT or cleaned in feature.missing or cleaned in _DASHES:
        _require_no_label(feature, cleaned)
        return Spelling(check_missing(feature), "")
    if feature.choices:
        value = _choice(feature, cleaned, convention)
        is_plain = value == cleaned or (isinstance(value, float) and is_decimal(cleaned))
        return Spelling(value, "" if is_plain else feature.value_text(value))
    number = _number(feature, cleaned, convention, as_written)
    return Spelling(number, "" if is_decimal(cleaned) else feature.value_text(number))


def read_page_number(text: str) -> float | None:
    """Return a number that a person types into a page, or ``None`` if the text is none.

    Raises
    ------
    InvalidValue
        With code ``ambiguous`` if it may be two numbers.

    Examples
    --------
    >>> read_page_number("$ 500,000"), read_page_number("52,5 %"), read_page_number("much")
    (500000.0, 52.5, None)
    """
    bare = _PER_CENT.sub("", without_currency(_cleaned(text))[0]).strip()
    plain = read_number(bare, Convention.PAGE)
    if plain is not None and _is_asked(bare, Convention.PAGE):
        raise _ambiguous(text, bare)
    return None if plain is None else float(plain)


def from_text(feature: Feature, value: object, convention: Convention | None = Convention.POINT) -> Value:
    """Read a text, such as a cell of a plain CSV file (see `read_spelling`).

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> from_text(built_in().by_column["LoanAmount"], " 128 ")
    128.0
    >>> from_text(built_in().by_column["LoanAmount"], "NA") is None
    True
    """
    return read_spelling(feature, value, convention).value


def from_cell(feature: Feature, value: object, convention: Convention | None = Convention.POINT) -> Value:
    """Read a cell of a table: text as `read_spelling`, any other type as `from_json`."""
    return from_text(feature, value, convention) if isinstance(value, str) else from_json(feature, value)


def loan_id_from_text(value: object) -> str | None:
    """Check a Loan_ID from text, without the spaces around it (see `loan_id_from_json`).

    The error of a spreadsheet's cell is no ID.
    """
    text = stripped(str(value if value is not None else ""))
    if is_error_text(text):
        error = show_value(text)
        raise InvalidValue("invalid", f"An ID is expected, not an error of the spreadsheet: {error}.")
    return loan_id_from_json(text)


def loan_id_from_cell(value: object) -> str | None:
    """Check a Loan_ID from a cell of a database table (see `from_cell`)."""
    return (loan_id_from_text if isinstance(value, str) else loan_id_from_json)(value)


TEXT_INPUT = InputFormat(from_text, loan_id_from_text)


@functools.cache
def cell_input(convention: Convention | None = Convention.POINT) -> InputFormat:
    """Return how the cells of a table are read whose texts follow a convention."""
    return InputFormat(functools.partial(from_cell, convention=convention), loan_id_from_cell)


def _cleaned(text: object) -> str:
    """Return a text without the spaces around it and the apostrophe with which exports escape a formula."""
    cleaned = str(text if text is not None else "").strip()
    return cleaned[1:] if cleaned[:1] == "'" and cleaned[1:2] in ("'", "+", "-", "=", "@") else cleaned


def _require_no_label(feature: Feature, text: str) -> None:
    """Raise `InvalidValue` for a text that means a missing value and is a label too, such as "None"."""
    meant = meant_choices(feature).get(fold_text(text)) if text and feature.choices else None
    if meant is not None and text not in feature.missing:
        said = f"{_short(text)} may mean {meant} or a missing value"
        raise InvalidValue("ambiguous", f"{said}; write {meant} or leave it empty.")


def _choice(feature: Feature, text: str, convention: Convention | None) -> str | float:
    """Return the value of a text for a category or a coded number."""
    if text in feature.values:
        return text
    meant = meant_choices(feature).get(fold_text(text))
    if meant is not None:
        return meant
    plain = read_number(text, convention)
    if feature.kind is Kind.CATEGORY:
        return check_category(feature, float(plain) if plain and feature.numbers else text)
    if plain is None:
        raise InvalidValue("invalid", f"{show_value(text)} is not {describe_expectation(feature)}.")
    return check_number(feature, float(plain), _short(text))


def _number(feature: Feature, text: str, convention: Convention | None, as_written: bool) -> float:
    """Return the stored number of a text."""
    ruled = _in_written_units(feature) if as_written else feature
    if _is_plain(text, convention) or (feature.exponents and has_exponent(text)):
        plain, factor = text, 1.0
    else:
        plain, factor = _parted(ruled, text, convention, 1.0 if as_written else feature.scale)
    number = float(plain) * factor
    if factor != 1:
        number = float(f"{number:.15g}")  # 30 / 12 * 12 is 30
    checked = check_number(ruled, number, _short(text))
    return checked if not as_written or checked in dict(feature.special) else checked / feature.scale


def _is_plain(text: str, convention: Convention | None) -> bool:
    """Return True for a plain decimal that the convention reads as it stands."""
    if not is_decimal(text) or "." not in text or convention is Convention.POINT:
        return is_decimal(text)
    return convention is not Convention.COMMA and not is_open(text)


def _parted(feature: Feature, text: str, convention: Convention | None, scale: float) -> tuple[str, float]:
    """Return the plain decimal in a text, and what its unit multiplies it by."""
    bare, currencies = without_currency(text)
    own = CODE.search(feature.unit)
    if own and (others := currencies & CODES - {own[0]}):
        other = min(others)
        raise InvalidValue("invalid", f"{_short(text)} is in {other}; expected an amount in {own[0]}.")
    start = NUMBER_START.match(bare)
    if start is None:
        raise _not_a_number(feature, text)
    unit = bare[start.end() :].strip()
    written = start[0].strip()
    factor = _factor(feature, unit, scale)
    if factor is None or (currencies and feature.unit in _DURATIONS):
        raise _not_a_number(feature, text)
    plain = read_number(written, convention)
    if plain is None:
        raise _not_a_number(feature, text, convention)
    if _is_asked(written, convention):
        raise _ambiguous(text, written)
    return plain, factor


def _is_asked(written: str, convention: Convention | None) -> bool:
    """Return True if somebody must say which of two numbers is meant."""
    if convention is Convention.PAGE:
        return is_open(written) and "." in written
    return convention is None and is_open(written)


def _factor(feature: Feature, unit: str, scale: float) -> float | None:
    """Return what a unit behind a number multiplies it by; ``None`` for words that are no unit here."""
    if not unit:
        return 1.0
    folded = " ".join(unit.casefold().split())
    own = " ".join(CODE.sub(" ", feature.unit).casefold().split())
    if own and folded in (own, own.removesuffix("s")):
        return 1.0
    if _PER_CENT.fullmatch(folded):
        return _per_cent(feature)
    per = _UNITS.get(own, {})
    if folded in per:
        return per[folded]
    first, _, rest = folded.partition(" ")
    thousands = _THOUSAND if own == "thousands" else 1.0
    if first in _MAGNITUDES and own not in _DURATIONS and (not rest or rest in per or rest == own):
        return _MAGNITUDES[first] * per.get(rest, 1.0) / thousands / scale
    return None


def _per_cent(feature: Feature) -> float | None:
    """Return 1 if the unit is per cent, 0.01 if the column holds shares; a sign fits nowhere else."""
    if _PER_CENT.search(feature.unit.casefold()):
        return 1.0
    return 0.01 if feature.maximum is not None and feature.maximum <= 1 else None


def _in_written_units(feature: Feature) -> Feature:
    """Return the feature with its bounds in the units of forms."""
    if feature.scale == 1:
        return feature
    low, above, high = (
        bound if bound is None or abs(bound) == LARGEST else bound * feature.scale
        for bound in (feature.minimum, feature.above, feature.maximum)
    )
    return replace(feature, minimum=low, above=above, maximum=high)


def _ambiguous(text: str, written: str) -> InvalidValue:
    point, comma = (float(reading or "nan") for reading in number_readings(written))
    whole, part = max(point, comma, key=abs), min(point, comma, key=abs)
    said = f"{_short(text)} may mean {whole:,.15g} or {part:,.15g}"
    return InvalidValue("ambiguous", f"{said}; write {whole:.15g} or {_unmistakable(part)}.")


def _unmistakable(number: float) -> str:
    """Write a number so that nobody takes its point for a grouping mark.

    Examples
    --------
    >>> _unmistakable(4.1), _unmistakable(128.125)
    ('4.1', '128.1250')
    """
    shown = f"{number:.15g}"
    return f"{shown}0" if is_open(shown) else shown


def _not_a_number(feature: Feature, text: str, convention: Convention | None = None) -> InvalidValue:
    marked = convention in (Convention.POINT, Convention.COMMA)
    mark = f" with a decimal {convention}" if marked and any(number_readings(text)) else ""
    return InvalidValue(
        "invalid", f"{show_value(text)} is not a number{mark}; expected {describe_expectation(feature)}."
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN and text.isascii() and text.isprintable() else show_value(text)
