"""What a filter of predictions means, to page, file and API alike."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils.dateparse import parse_date, parse_datetime

from ml.applications.values import show_value, spellings
from ml.errors import InvalidValue
from predictions.models import Decision, Prediction
from predictions.words.times import as_utc, end_of, start_of

PredictionRows = QuerySet[Prediction]
NOT_DECIDED = "none"
DECISION_CHOICES = [*Decision.Verdict.values, NOT_DECIDED]


def filter_by_decision(rows: PredictionRows, decision: str) -> PredictionRows:
    """Narrow down by the newest decision of each, or to those without any."""
    if decision == NOT_DECIDED:
        return rows.filter(~Exists(Decision.objects.filter(prediction=OuterRef("pk"))))
    return _decided(rows, verdict=decision)


def filter_by_override(rows: PredictionRows, override: bool) -> PredictionRows:
    """Narrow down to those whose newest decision is, or is not, against the advice."""
    return _decided(rows, override=override)


def filter_by_loan_id(rows: QuerySet[Any], loan_id: str) -> QuerySet[Any]:
    return rows.filter(loan_id__in=spellings(loan_id))


def filter_by_loan_id_beginning(rows: PredictionRows, beginning: str) -> PredictionRows:
    return rows.filter(loan_id__begins=beginning)


def filter_by_version(rows: PredictionRows, pk: int) -> PredictionRows:
    return filter_without_index(rows, "model_version_id", pk)


def filter_by_owner(rows: PredictionRows, username: str) -> PredictionRows:
    """Narrow down to one owner, in the same query."""
    owner = get_user_model().objects.filter(username=username).values("pk")
    return filter_without_index(rows, "owner_id", Subquery(owner))


def annotate_decision(rows: PredictionRows) -> PredictionRows:
    """Annotate each with its newest decision: `decision` (verdict) and `override`, none without one."""
    newest = Decision.objects.filter(prediction=OuterRef("pk")).order_by("-pk")
    return rows.annotate(
        decision=Subquery(newest.values("verdict")[:1]), override=Subquery(newest.values("override")[:1])
    )


def _decided(rows: PredictionRows, **facts: Any) -> PredictionRows:
    found = Decision.objects.latest_of_each().filter(**facts)
    return rows.filter(pk__in=found.values("prediction"))


def filter_without_index(rows: QuerySet[Any], column: str, value: Any) -> QuerySet[Any]:
    """Filter past the column's own index: SQLite would take it, and sort a million rows for one page.

    The index that has the order of the page holds the column too. A sum has no index.
    """
    name = f"any_{column.replace('__', '_')}"
    return rows.alias(**{name: F(column) + 0}).filter(**{name: value})


# Any id, and no more digits than every database and `int` take.
KEY_PATTERN = "[0-9]{1,18}"
KEY_SCHEMA = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
_KEY = re.compile(KEY_PATTERN)
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,40})?(e-[0-9]{1,3})?")  # as programs write them, too


def is_key(text: Any) -> bool:
    return _KEY.fullmatch(text) is not None


def read_key(text: str) -> int:
    if not is_key(text):
        raise InvalidValue("invalid", f"{show_value(text)} is not an id; expected a whole number.")
    return int(text)


def read_choice(values: Sequence[str]) -> Callable[[Any], str]:
    def read(text: Any) -> str:
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
        time = parse_datetime(text)
        if time is not None:
            return as_utc(time)
    except (ValueError, OverflowError):
        pass
    raise InvalidValue(
        "invalid", f"{show_value(text)} is not a time; expected one such as 2026-01-31T12:00:00Z."
    )


def read_day(text: str) -> date:
    """Take a day only if it starts and ends on the calendar, in UTC too."""
    try:
        found = parse_date(text)
        if found is not None:
            start_of(found), end_of(found)
            return found
    except (ValueError, OverflowError):
        pass
    raise InvalidValue("invalid", f"{show_value(text)} is not a date; expected one such as 2026-01-31.")


def read_share(text: str) -> float:
    return _number_to(1, text, "0.75")


def read_percentage(text: str) -> float:
    """Return the share."""
    return _number_to(100, text, "75") / 100


def _number_to(most: int, text: str, example: str) -> float:
    if not _NUMBER.fullmatch(text) or float(text) > most:
        raise InvalidValue(
            "invalid",
            f"{show_value(text)} cannot be used; expected a number from 0 to {most}, such as {example}.",
        )
    return float(text)
