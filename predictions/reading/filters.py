"""How lists are narrowed, and how the values of filters are read.

The filters themselves are declared in `predictions.reading.declared_filters`.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db.models import (
    Exists,
    F,
    Max,
    Min,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from ml.applications.spellings import read_page_number
from ml.applications.values import show_value, spellings
from ml.errors import InvalidValue
from ml.scorecard.outcomes import BETWEEN_CODES
from predictions.models import Batch, BatchChunk, Decision, LoanIdEntry, ModelVersion, Prediction, Ranking
from predictions.models.batch import request_id_start
from predictions.reading.amounts import NumberAt, versions_by_place
from predictions.reading.rankings import Side, few_beyond, few_from
from predictions.words.times import as_utc, end_of, start_of

PredictionRows = QuerySet[Prediction]
_M = TypeVar("_M", bound=Model)
NOT_DECIDED = "none"
FEW = 5_000
FEW_IN_INDEX = 50_000  # where an index has all columns that are needed to find them


def filter_by_decision(rows: PredictionRows, decision: str) -> PredictionRows:
    """Keep predictions whose newest decision has a verdict, or those without a decision."""
    if decision == NOT_DECIDED:
        return rows.filter(~Exists(Decision.objects.filter(prediction=OuterRef("pk"))))
    return _decided(rows, verdict=decision)


def filter_by_override(rows: PredictionRows, override: bool) -> PredictionRows:
    """Keep predictions whose newest decision is, or is not, against the advice."""
    return _decided(rows, override=override)


def filter_by_loan_id(rows: QuerySet[_M], loan_id: str) -> QuerySet[_M]:
    return rows.filter(pk__in=LoanIdEntry.objects.with_ids(spellings(loan_id)).values("prediction"))


def filter_by_loan_id_beginning(rows: PredictionRows, beginning: str) -> PredictionRows:
    """Keep predictions by the beginning of their Loan_ID.

    Of a beginning that very many have, a page is found in its own order: sorting them would take longer.
    """
    entries = LoanIdEntry.objects.beginning(beginning)
    if are_few(entries, FEW_IN_INDEX):
        return rows.filter(pk__in=entries.values("prediction"))
    return rows.alias(any_loan_id=Concat("loan_id", Value(""))).filter(any_loan_id__begins=beginning)


def filter_by_version(rows: PredictionRows, pk: int) -> PredictionRows:
    known = ModelVersion.objects.filter(pk=pk).exists()
    return filter_without_index(rows, "model_version_id", pk) if known else rows.none()


def filter_by_owner(rows: PredictionRows, username: str) -> PredictionRows:
    """Keep the predictions of one owner. A few are found in the index by owner."""
    owner = Subquery(get_user_model().objects.filter(username=username).values("pk"))
    if are_few(Prediction.objects.filter(owner=owner), FEW):
        return rows.filter(owner=owner)
    return filter_without_index(rows, "owner_id", owner)


def filter_by_batch(rows: PredictionRows, pk: int) -> PredictionRows:
    """Keep the predictions of a batch.

    Their ids are between those of its chunks, and so are their times: the index that gives the history its
    order leads there, however many rows there are.
    """
    ends = BatchChunk.objects.done().filter(batch=pk).aggregate(first=Min("first_id"), last=Max("last_id"))
    if ends["first"] is None:
        return rows.filter(pk__in=[])
    batch = Batch.objects.only("created_at", "finished_at").get(pk=pk)
    until = (batch.finished_at or timezone.now()) + _CLOCKS_APART
    return rows.filter(
        created_at__range=(batch.created_at - _CLOCKS_APART, until),
        pk__range=(ends["first"], ends["last"]),
        source=Prediction.Source.BATCH,
        request_id__startswith=request_id_start(pk),
    )


_CLOCKS_APART = timedelta(hours=1)  # at most, of two machines with workers
CAUSE_KINDS = {
    "band": "Close to the threshold",
    "gap": "A missing value",
    "remark": "A remark about a value",
    "rule": "A rule of the policy",
    "limit": "The limit of the policy",
}


def filter_by_cause(entries: QuerySet[_M], kind: str) -> QuerySet[_M]:
    """Keep the queue's entries that wait for a kind of cause. Their codes are one text."""
    return entries.filter(Q(causes__startswith=kind) | Q(causes__contains=f"{BETWEEN_CODES}{kind}"))


def filter_by_source(rows: PredictionRows, source: str) -> PredictionRows:
    """Keep the predictions of a source. Where few come from it, they are looked up."""
    few = few_from(source, FEW)
    return _among_few(rows.filter(source=source), few)


def filter_by_amount(side: Side) -> Callable[[PredictionRows, float], PredictionRows]:
    """Return a function that keeps predictions whose amount is at least (gte) or at most (lte) a value.

    The amount is one of the stored values, without an index. Where few have such an amount, they are looked
    up. Of many, a page is found by reading each row that the other filters leave.
    """

    def narrow(rows: PredictionRows, amount: float) -> PredictionRows:
        fitting = _with_amount(rows, side, amount)
        newer = _with_amount(Prediction.objects.all(), side, amount)
        few = few_beyond(Ranking.Measure.AMOUNT, side, amount, newer, FEW)
        return _among_few(fitting, few)

    return narrow


def _among_few(rows: PredictionRows, few: list[int] | None) -> PredictionRows:
    """Keep the predictions that were looked up, if they are few; without any, nothing more is asked."""
    if few is None:
        return rows
    return rows.filter(pk__in=few) if few else rows.none()


def _with_amount(rows: PredictionRows, side: Side, amount: float) -> PredictionRows:
    places = versions_by_place()
    amounts = {f"number_{place}": NumberAt("inputs", place=place) for place in places}
    fitting = [
        Q(model_version__in=versions, **{f"number_{place}__{side}": amount})
        for place, versions in places.items()
    ]
    return rows.alias(**amounts).filter(reduce(or_, fitting, Q(pk__in=[])))


def filter_by_probability(side: Side) -> Callable[[PredictionRows, float], PredictionRows]:
    """Return a function that keeps predictions whose probability is at least or at most a value."""

    def narrow(rows: PredictionRows, share: float) -> PredictionRows:
        fits = Q(**{f"approval_probability__{side}": share})
        newer = Prediction.objects.filter(fits)
        few = few_beyond(Ranking.Measure.PROBABILITY, side, share, newer, FEW)
        return _among_few(rows.filter(fits), few)

    return narrow


def annotate_decision(rows: PredictionRows) -> PredictionRows:
    """Annotate each prediction with `decision` and `override` of its newest decision, None without one."""
    newest = Decision.objects.filter(prediction=OuterRef("pk")).order_by("-pk")
    return rows.annotate(
        decision=Subquery(newest.values("verdict")[:1]), override=Subquery(newest.values("override")[:1])
    )


def _decided(rows: PredictionRows, **facts: object) -> PredictionRows:
    """Keep the predictions whose newest decision has these values.

    The predictions of a few decisions are looked up. Of many, a page is found by asking for the decision of
    each prediction in its order.
    """
    decisions = Decision.objects.latest_of_each().filter(**facts).order_by()
    if are_few(Decision.objects.filter(**facts), FEW):
        return rows.filter(pk__in=decisions.values("prediction"))
    newest = Subquery(Decision.objects.order_by("-prediction").values("prediction")[:1])
    return rows.filter(Exists(decisions.filter(prediction=OuterRef("pk"))), pk__lte=newest)


def are_few(rows: QuerySet[Any], most: int) -> bool:
    """Return whether rows are read and sorted in less time than a page is found among all predictions."""
    return rows.order_by()[: most + 1].count() <= most


def filter_without_index(rows: QuerySet[_M], column: str, value: object) -> QuerySet[_M]:
    """Filter by a column without the use of its own index.

    SQLite would use that index and sort a million rows for one page. The index that gives the page its order
    contains the column as well. A sum, such as `column + 0`, has no index.
    """
    name = f"any_{column.replace('__', '_')}"
    return rows.alias(**{name: F(column) + 0}).filter(**{name: value})


# Ids of rows; the digits are as many as every database and `int` take.
KEY_PATTERN = "[0-9]{1,18}"
KEY_SCHEMA = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
_KEY = re.compile(KEY_PATTERN)
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,40})?(e-[0-9]{1,3})?")
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,40})?(e-[0-9]{1,3})?")  # also as programs write small numbers


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def read_key(text: str) -> int:
    if not is_key(text):
        raise InvalidValue("invalid", f"{show_value(text)} is not an id; expected a whole number.")
    return int(text)


def read_choice(values: Sequence[str]) -> Callable[[str], str]:
    """Return a function that reads one of `values`."""

    def read(text: str) -> str:
        if text not in values:
            raise InvalidValue("invalid_choice", f"{show_value(text)} is not one of {', '.join(values)}.")
        return text

    return read


def read_username(text: str) -> str:
    if not text.isprintable():
        raise InvalidValue("invalid", f"{show_value(text)} is not a user name; expected printable text.")
    return text


def read_moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        if moment is not None:
            return as_utc(moment)
    except (ValueError, OverflowError):
        pass
    raise InvalidValue(
        "invalid", f"{show_value(text)} is not a time; expected one such as 2026-01-31T12:00:00Z."
    )


def read_day(text: str) -> date:
    """Read a day. Its start and its end must be in the years 1 to 9999, in UTC too."""
    try:
        day = parse_date(text)
        if day is not None:
            start_of(day), end_of(day)
            return day
    except (ValueError, OverflowError):
        pass
    raise InvalidValue("invalid", f"{show_value(text)} is not a date; expected one such as 2026-01-31.")


LARGEST_AMOUNT = 10**15 - 1


def read_amount(text: str) -> float:
    """Read an amount in the unit of the product's schema."""
    if not _AMOUNT.fullmatch(text) or float(text) > LARGEST_AMOUNT:
        raise InvalidValue(
            "invalid", f"{show_value(text)} is not an amount; expected a number such as 128 or 45250.5."
        )
    return float(text)


def read_amount_entry(text: str) -> float:
    """Read an amount that a person types (see `read_amount`)."""
    amount = read_page_number(text)
    return read_amount(text if amount is None else f"{amount:.15g}")


def read_share(text: str) -> float:
    return _read_number(1, text, "0.75")


def read_percentage(text: str) -> float:
    """Read a percentage and return it as a share."""
    number = read_page_number(text)
    return _read_number(100, text if number is None else f"{number:.15g}", "75") / 100


def _read_number(maximum: int, text: str, example: str) -> float:
    if not _NUMBER.fullmatch(text) or float(text) > maximum:
        raise InvalidValue(
            "invalid",
            f"{show_value(text)} cannot be used; expected a number from 0 to {maximum}, such as {example}.",
        )
    return float(text)
