"""Which columns of an application are the amount and the term that are asked for."""

from collections.abc import Iterable

from ml.schemas.features import Feature, Kind, Role

_TIMES = frozenset({"day", "days", "week", "weeks", "month", "months", "year", "years"})


def amount_of(features: Iterable[Feature], named: str | None) -> str | None:
    """Return the column of the amount: the named one, or else the first shown number that is no time.

    `None` if there is none.
    """
    return named or next((f.column for f in features if _is_shown(f) and not is_time(f.unit)), None)


def term_of(features: Iterable[Feature], named: str | None) -> str | None:
    """Return the column of the term: the named one, or else the first shown number that is a time."""
    return named or next((f.column for f in features if _is_shown(f) and is_time(f.unit)), None)


def is_time(unit: str) -> bool:
    """Return True for a unit of time.

    Examples
    --------
    >>> is_time("months"), is_time("months of income"), is_time("per month")
    (True, False, False)
    """
    return unit.strip().lower() in _TIMES


def _is_shown(feature: Feature) -> bool:
    """Return True for a number that lists of applications show."""
    is_number = feature.kind is Kind.NUMBER and not feature.choices
    return feature.in_lists and is_number and feature.role is Role.INPUT and not feature.protected
