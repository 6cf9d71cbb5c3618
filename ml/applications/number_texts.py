"""Numbers as people write them: grouping and decimal mark."""

import re
from enum import StrEnum
from typing import NamedTuple

# Besides the point and the comma: plain, no-break, thin and narrow no-break space, and both apostrophes.
_SPACES = " \u00a0\u2009\u202f"
_GROUP_MARKS = f"{_SPACES}'\u2019"
_MINUS = "\u2212"
# A first group of one to three digits without a leading zero; India parts groups of two before the last one.
_GROUPED = r"[1-9][0-9]{{0,2}}(?:(?P<{name}>[{marks}])[0-9]{{2,3}}(?:(?P={name})[0-9]{{2,3}})*)?"
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z")
_EXPONENT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]{1,3}\Z")
# What stands for the cents of a whole amount: 1'234.- in Switzerland, 1.234,- in Germany, 1 234:- in Sweden.
_DASHES = rf"(?:-|[\u2010-\u2015{_MINUS}]){{1,2}}"
_WHOLE = re.compile(rf"(?P<amount>.*[0-9])(?P<mark>[.,:]){_DASHES}\Z")
# All that a number may consist of, so that the number and what follows it can be told apart.
NUMBER_START = re.compile(
    rf"[+\-{_MINUS}]?[0-9.,](?:[0-9.,'\u2019]|[{_SPACES}](?=[0-9]))*(?:(?:(?<=[0-9][.,])|(?<=[0-9]):){_DASHES})?"
)


class Convention(StrEnum):
    """The decimal mark of a text's numbers.

    `PAGE` is the convention of the site's own pages, which a person types into a form: a comma groups digits,
    and a text such as ``4.100``, which other conventions read otherwise, is asked about.
    """

    POINT = "point"
    COMMA = "comma"
    PAGE = "page"


class Readings(NamedTuple):
    """A text as a plain decimal under each convention; ``None`` where the convention cannot read it."""

    point: str | None
    comma: str | None


def is_decimal(text: str) -> bool:
    """Return True if a text is a plain decimal number: ASCII digits, at most one point, at most one sign."""
    return _DECIMAL.match(text) is not None


def has_exponent(text: str) -> bool:
    """Return True if a text is a decimal number with an exponent, such as 8.5e-05."""
    return _EXPONENT.match(text) is not None


def number_readings(text: str) -> Readings:
    """Return the plain decimals that a text may mean.

    Examples
    --------
    >>> number_readings("1.234,50")
    Readings(point=None, comma='1234.50')
    >>> number_readings("4.100")
    Readings(point='4.100', comma='4100')
    >>> number_readings("12 000")
    Readings(point='12000', comma='12000')
    >>> number_readings("1,00,000").point
    '100000'
    >>> number_readings("1.234,-"), number_readings("1_000")
    (Readings(point=None, comma='1234'), Readings(point=None, comma=None))
    """
    text = text.strip()
    if not text[-1:].isdigit() and (whole := _WHOLE.match(text)):
        return _whole_readings(whole["amount"], whole["mark"])
    text = text.replace(_MINUS, "-")
    if is_decimal(text) and "." not in text:
        return Readings(text, text)
    return Readings(_read(text, ".", ","), _read(text, ",", "."))


def _whole_readings(amount: str, mark: str) -> Readings:
    """Return the readings of a whole amount. `mark` is its decimal mark unless it groups digits."""
    readings = number_readings(amount)
    number = next((reading for reading in readings if reading and "." not in reading), None)
    if mark == ":" or mark in amount:
        return Readings(number, number)
    return Readings(number, None) if mark == "." else Readings(None, number)


def evidence(text: str) -> Convention | None:
    """Return the convention that a text alone proves; ``None`` if it proves none.

    Examples
    --------
    >>> evidence("5849,5"), evidence("0.125"), evidence("4.100")
    (<Convention.COMMA: 'comma'>, <Convention.POINT: 'point'>, None)
    """
    readings = number_readings(text)
    if (readings.point is None) == (readings.comma is None):
        return None
    return Convention.COMMA if readings.point is None else Convention.POINT


def is_open(text: str) -> bool:
    """Return True if the conventions read a text as different numbers.

    Examples
    --------
    >>> is_open("4.100"), is_open("4,100"), is_open("4100"), is_open("4.1")
    (True, True, False, False)
    """
    point, comma = number_readings(text)
    return point is not None and comma is not None and float(point) != float(comma)


def read_number(text: str, convention: Convention | None) -> str | None:
    """Return a number as a plain decimal; ``None`` if the convention cannot read it.

    A text that one convention alone can read needs none. `Convention.POINT` and `Convention.COMMA` read only
    their own texts.
    """
    point, comma = number_readings(text)
    if convention is Convention.POINT:
        return point
    if convention is Convention.COMMA:
        return comma
    return comma if point is None else point


def _read(text: str, mark: str, other: str) -> str | None:
    pattern = _PATTERNS[mark]
    match = pattern.match(text)
    if match is None:
        return None
    whole = re.sub(rf"[{re.escape(other)}{_GROUP_MARKS}]", "", match["whole"] or "")
    if not _groups_fit(match["whole"] or "", match["group"]):
        return None
    rest = match["rest"]
    return f"{match['sign']}{whole}{'' if rest is None else '.' + rest}"


def _groups_fit(whole: str, mark: str | None) -> bool:
    """Return False for ``1,00`` and ``1,000,00``.

    The last group has three digits. Those between have three too; in India they have two.
    """
    if mark is None:
        return True
    _, *middle, last = whole.split(mark)
    return len(last) == 3 and len({*map(len, middle)}) <= 1


def _pattern(mark: str, other: str) -> re.Pattern[str]:
    groups = _GROUPED.format(name="group", marks=re.escape(other) + _GROUP_MARKS)
    mark = re.escape(mark)
    # Without grouping any digits; a grouped number needs its first group.
    return re.compile(
        rf"(?P<sign>[+-]?)(?=[0-9{mark}])(?!{mark}\Z)(?P<whole>{groups}|[0-9]+)?(?:{mark}(?P<rest>[0-9]*))?\Z"
    )


_PATTERNS = {".": _pattern(".", ","), ",": _pattern(",", ".")}
