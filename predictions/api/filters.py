"""Filters of the lists. A refused value is named with what was expected, as at every other door."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from drf_spectacular.utils import extend_schema_field

from ml.errors import InvalidValue
from ml.values import loan_id_from_json, show
from predictions.api.openapi import LOAN_ID_TEXT
from predictions.api.pagination import KEY_SCHEMA, is_key
from predictions.models import Activation, Applicant, Prediction


def _refused(code: str, detail: str) -> ValidationError:
    """As a parameter, since django-filter formats messages with "%" and a value may hold one."""
    return ValidationError("%(detail)s", code=code, params={"detail": detail})


class _QueryField(forms.Field):
    """A value of the query string, read by a rule; one that is given and empty is refused too."""

    def __init__(self, rule: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule

    def clean(self, value: str | None) -> Any:
        return None if value is None else self.rule(value)


class _Filter(django_filters.Filter):
    field_class = _QueryField


def _choice(choices: list[tuple[str, str]]) -> _Filter:
    values = [value for value, _ in choices]

    def read(text: str) -> str:
        if text not in values:
            raise _refused("invalid_choice", f"{show(text)} is not one of {', '.join(values)}.")
        return text

    return extend_schema_field({"type": "string", "enum": values})(_Filter(rule=read))


def _read_time(text: str) -> datetime:
    try:
        time = parse_datetime(text)
        if time is None:
            raise ValueError
        return (make_aware(time) if is_naive(time) else time).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter where an offset leads out of the years 1 to 9999
        detail = f"{show(text)} is not a time; expected one such as 2026-01-31T12:00:00Z."
        raise _refused("invalid", detail) from None


_TIME_SCHEMA = {
    "type": "string",
    "anyOf": [{"format": "date-time"}, {"format": "date"}],
    "description": "In the site's time zone when it names none.",
}


def _time(lookup: str) -> _Filter:
    return extend_schema_field(_TIME_SCHEMA)(_Filter("created_at", lookup, rule=_read_time))


def _read_loan_id(text: str) -> str:
    try:
        loan_id = loan_id_from_json(text)
    except InvalidValue as error:
        raise _refused(error.code, error.detail) from None
    if loan_id is None:
        raise _refused("required", "'' is not a Loan_ID; leave the filter out to see all.")
    return loan_id


def _loan_id(field_name: str) -> _Filter:
    return extend_schema_field(LOAN_ID_TEXT)(_Filter(field_name, rule=_read_loan_id))


def _read_key(text: str) -> int:
    if not is_key(text):
        raise _refused("invalid", f"{show(text)} is not an id; expected a whole number.")
    return int(text)


class _Created(django_filters.FilterSet):
    created_after = _time("gte")
    created_before = _time("lt")


class ApplicantFilters(_Created):
    Loan_ID = _loan_id("loan_id")

    class Meta:
        model = Applicant
        fields: list[str] = []


class TimelineFilters(django_filters.FilterSet):
    """``on``: the one activation whose version was live at that moment."""

    on = extend_schema_field(_TIME_SCHEMA)(_Filter(method="live_on", rule=_read_time))

    class Meta:
        model = Activation
        fields: list[str] = []

    def live_on(self, rows: QuerySet[Activation], name: str, moment: datetime) -> QuerySet[Activation]:
        return rows.filter(pk__in=rows.filter(at__lte=moment).order_by("-at", "-pk").values("pk")[:1])


class PredictionFilters(_Created):
    Loan_ID = _loan_id("applicant__loan_id")
    outcome = _choice(Prediction.Outcome.choices)
    source = _choice(Prediction.Source.choices)
    model_version = extend_schema_field(KEY_SCHEMA)(_Filter(rule=_read_key))

    class Meta:
        model = Prediction
        fields: list[str] = []
