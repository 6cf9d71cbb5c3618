"""The rules for what lists are narrowed down by: text in, a value out, the same on pages and in the API.

Each raises `InvalidValue` with what was expected.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from ml.applications.values import show
from ml.errors import InvalidValue
from predictions.words.moments import as_utc, end_of, start_of

# Any id, and no more digits than every database and `int` take.
KEY_PATTERN = "[0-9]{1,18}"
_KEY = re.compile(KEY_PATTERN)
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,40})?(e-[0-9]{1,3})?")  # as programs write them, too


def is_key(text: Any) -> bool:
    return _KEY.fullmatch(text) is not None


def key(text: str) -> int:
    if not is_key(text):
        raise InvalidValue("invalid", f"{show(text)} is not an id; expected a whole number.")
    return int(text)


def one_of(values: Sequence[str]) -> Callable[[Any], str]:
    def read(text: Any) -> str:
        if text not in values:
            raise InvalidValue("invalid_choice", f"{show(text)} is not one of {', '.join(values)}.")
        return text

    return read


def username(text: str) -> str:
    if not text.isprintable():
        raise InvalidValue("invalid", f"{show(text)} is not a user name; expected printable text.")
    return text


def moment(text: str) -> datetime:
    try:
        time = parse_datetime(text)
        if time is not None:
            return as_utc(time)
    except (ValueError, OverflowError):
        pass
    raise InvalidValue("invalid", f"{show(text)} is not a time; expected one such as 2026-01-31T12:00:00Z.")


def day(text: str) -> date:
    """Take a day only if it starts and ends on the calendar, in UTC too."""
    try:
        found = parse_date(text)
        if found is not None:
            start_of(found), end_of(found)
            return found
    except (ValueError, OverflowError):
        pass
    raise InvalidValue("invalid", f"{show(text)} is not a date; expected one such as 2026-01-31.")


def share(text: str) -> float:
    return _number_to(1, text, "0.75")


def percentage(text: str) -> float:
    """Return the share."""
    return _number_to(100, text, "75") / 100


def _number_to(most: int, text: str, example: str) -> float:
    if not _NUMBER.fullmatch(text) or float(text) > most:
        raise InvalidValue(
            "invalid", f"{show(text)} cannot be used; expected a number from 0 to {most}, such as {example}."
        )
    return float(text)
