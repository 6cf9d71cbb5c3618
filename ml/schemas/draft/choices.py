"""The values of a category, in an order in which a person looks for them."""

import re
from collections.abc import Iterable

from ml.schemas.draft.words import FALSE_VALUES, TRUE_VALUES

_NUMBER = re.compile(r"\d+(\.\d+)?")
_LESS = re.compile(r"^\W*(<|under|up to|below|less)", re.IGNORECASE)
_MORE = re.compile(r"^\W*(>|over|above|more)", re.IGNORECASE)
_RISING = (
    "none", "never", "very low", "very poor", "low", "little", "poor", "minor", "primary", "fair", "medium",
    "moderate", "average", "secondary", "good", "quite rich", "high", "very good", "rich", "very high",
    "tertiary",
    "excellent",
)  # fmt: skip


def in_order(values: Iterable[str]) -> list[str]:
    """Return values by the numbers in them, by known words that rise, or else by the alphabet.

    Examples
    --------
    >>> in_order(["... >= 7 years", "... < 1 year", "unemployed", "1 <= ... < 4 years"])
    ['... < 1 year', '1 <= ... < 4 years', '... >= 7 years', 'unemployed']
    >>> in_order(["medium", "high", "low"])
    ['low', 'medium', 'high']
    """
    listed = sorted(values, key=lambda value: (value.casefold(), value))
    if sum(bool(_NUMBER.search(value)) for value in listed) * 3 >= len(listed) * 2:
        return sorted(listed, key=_by_number)
    if all(value.casefold() in _RISING for value in listed):
        return sorted(listed, key=lambda value: _RISING.index(value.casefold()))
    return listed


def _by_number(value: str) -> tuple[bool, float, int]:
    found = _NUMBER.search(value)
    side = -1 if _LESS.search(value) else 1 if _MORE.search(value) else 0
    return (found is None, float(found[0]) if found else 0.0, side)


def yes_no(values: Iterable[str]) -> list[list[str]] | None:
    """Return the two values of a column that says yes or no with the labels No and Yes, no first.

    Examples
    --------
    >>> yes_no(["TRUE", "FALSE"]), yes_no(["own", "rent"])
    ([['FALSE', 'No'], ['TRUE', 'Yes']], None)
    """
    false_first = sorted(values, key=lambda value: value.casefold() in TRUE_VALUES)
    if len(false_first) != 2 or false_first[0].casefold() not in FALSE_VALUES:
        return None
    if false_first[1].casefold() not in TRUE_VALUES:
        return None
    return [[false_first[0], "No"], [false_first[1], "Yes"]]
