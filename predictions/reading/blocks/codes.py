"""The codes that blocks of predictions have of each column, and the ranges of codes that filters ask for.

A code has few bits: a filter finds by it every prediction that fits and perhaps others, among which the
database chooses. Codes are stored, so that a change of one needs a new column.
"""

import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Q

from predictions.models import Prediction, Product
from predictions.models.querysets import AnyUser
from predictions.roles import SEE_ALL

_PROBABILITY_BITS, _MANTISSA_BITS = 10, 8
_DOUBLE, _DOUBLE_MANTISSA_BITS, _DOUBLE_EXPONENT_BITS = struct.Struct(">d"), 52, 11
_Source = Prediction.Source
# New values come last: their places are stored.
_OUTCOMES: Final = [Prediction.Outcome.APPROVED, Prediction.Outcome.DENIED, Prediction.Outcome.REFER]
_SOURCES: Final = [_Source.FORM, _Source.API, _Source.ARTICLE, _Source.BATCH, _Source.DEMO]


class CodeRange(NamedTuple):
    """The codes from `low` to `high` of a column."""

    column: str
    low: int
    high: int


class TimeRange(NamedTuple):
    """The times of scoring from `since` on, and before `until`; None has no end."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def condition(self) -> Q:
        lower = {} if self.since is None else {"created_at__gte": self.since}
        upper = {} if self.until is None else {"created_at__lt": self.until}
        return Q(**lower, **upper)


Known = CodeRange | TimeRange  # what blocks know of a filter's predictions


class CodedColumn(NamedTuple):
    """How a column of blocks gets its codes, in order of the values."""

    bits: int
    code: Callable[[Any], int]

    @property
    def highest(self) -> int:
        return (1 << self.bits) - 1

    def code_of(self, value: Any) -> int:
        """Return the code of a value; all values beyond the last code have that."""
        return min(self.code(value), self.highest)


def probability_code(probability: float) -> int:
    return int(probability * (1 << _PROBABILITY_BITS))


def amount_code(amount: float | None) -> int:
    """Return the first bits of a number, whose order is that of the numbers; 0 if it is missing."""
    if amount is None or amount <= 0:
        return 0
    bits = int.from_bytes(_DOUBLE.pack(amount), "big")
    return bits >> (_DOUBLE_MANTISSA_BITS - _MANTISSA_BITS)


CODED: Mapping[str, CodedColumn] = {
    "product": CodedColumn(16, lambda stored: stored or 0),
    "owner": CodedColumn(24, int),
    "model_version": CodedColumn(16, int),
    "outcome": CodedColumn(2, _OUTCOMES.index),
    "source": CodedColumn(3, _SOURCES.index),
    "probability": CodedColumn(_PROBABILITY_BITS, probability_code),
    "amount": CodedColumn(_DOUBLE_EXPONENT_BITS + _MANTISSA_BITS, amount_code),
}


def equal_to(column: str) -> Callable[[Any], CodeRange]:
    """Return a function that returns the codes of a value."""

    def codes(value: Any) -> CodeRange:
        code = CODED[column].code_of(value)
        return CodeRange(column, code, code)

    return codes


def at_least(column: str) -> Callable[[Any], CodeRange]:
    """Return a function that returns the codes of a value and of greater ones."""
    coded = CODED[column]
    return lambda value: CodeRange(column, coded.code_of(value), coded.highest)


def at_most(column: str) -> Callable[[Any], CodeRange]:
    """Return a function that returns the codes of a value and of smaller ones."""
    return lambda value: CodeRange(column, 0, CODED[column].code_of(value))


def owner_codes(username: str) -> CodeRange | None:
    """Return the codes of an owner; None if there is no such account."""
    pk = get_user_model().objects.filter(username=username).values_list("pk", flat=True).first()
    return None if pk is None else equal_to("owner")(pk)


def visible_codes(user: AnyUser, product: Product) -> list[Known]:
    """Return the codes of what a user sees of a product, as far as others have different ones."""
    of_product: list[Known] = [] if product.alone else [equal_to("product")(product.stored_key)]
    return of_product if user.has_perm(SEE_ALL) else [*of_product, equal_to("owner")(user.pk)]
