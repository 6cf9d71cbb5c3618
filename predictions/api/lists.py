"""Filters of the lists. A refused value is named with what was expected, as at every other door."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError as FormError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field

from ml.applications.values import loan_id_for_search, spellings
from ml.errors import InvalidValue
from predictions.api.openapi import PLAIN_LINE
from predictions.api.pagination import KEY_SCHEMA
from predictions.models import Activation, Applicant, Prediction
from predictions.models.model_version import ActivationQuerySet
from predictions.reading import filters
from predictions.reading import filters as filter_values
from predictions.reading.filters import DECISION_CHOICES

_SWITCH = {"true": True, "false": False}


class _QueryField(forms.Field):
    """A value of the query string, read by a rule; one that is given and empty is refused too."""

    def __init__(self, rule: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule

    def clean(self, value: str | None) -> Any:
        """Refuse with the detail as a parameter: django-filter formats messages, and a value may hold "%"."""
        try:
            return None if value is None else self.rule(value)
        except InvalidValue as error:
            raise FormError("%(detail)s", code=error.code, params={"detail": error.detail}) from None


class _Filter(django_filters.Filter):
    field_class = _QueryField


def _choice(values: list[str], **options: Any) -> _Filter:
    rule = filter_values.read_choice(values)
    return extend_schema_field({"type": "string", "enum": values})(_Filter(rule=rule, **options))


def _share(lookup: str) -> _Filter:
    return extend_schema_field({"type": "number", "minimum": 0, "maximum": 1})(
        _Filter("approval_probability", lookup, rule=filter_values.read_share)
    )


_TIME_SCHEMA = {
    "type": "string",
    "anyOf": [{"format": "date-time"}, {"format": "date"}],
    "description": "In the site's time zone when it names none.",
}


def _time(lookup: str) -> _Filter:
    return extend_schema_field(_TIME_SCHEMA)(_Filter("created_at", lookup, rule=filter_values.read_moment))


def _read_loan_id(text: str) -> Sequence[str]:
    if not text:
        raise InvalidValue("required", "'' is not a Loan_ID; leave the filter out to see all.")
    return spellings(loan_id_for_search(text))


def _loan_id(field_name: str) -> _Filter:
    return extend_schema_field(PLAIN_LINE)(_Filter(field_name, "in", rule=_read_loan_id))


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

    on = extend_schema_field(_TIME_SCHEMA)(_Filter(method="live_on", rule=filter_values.read_moment))

    class Meta:
        model = Activation
        fields: list[str] = []

    def live_on(self, rows: ActivationQuerySet, name: str, moment: datetime) -> ActivationQuerySet:
        return rows.live_on(moment)


class PredictionFilters(_Created):
    Loan_ID = _loan_id("loan_id")
    outcome = _choice(Prediction.Outcome.values)
    source = _choice(Prediction.Source.values)
    model_version = extend_schema_field(KEY_SCHEMA)(_Filter(rule=filter_values.read_key))
    decision = _choice(
        DECISION_CHOICES, method="by_decision", help_text="The newest one counts; `none`: no decision yet."
    )
    override = extend_schema_field({"type": "boolean"})(
        _Filter(
            rule=filter_values.read_choice(list(_SWITCH)),
            method="by_override",
            help_text="The newest decision is, or is not, against the advice.",
        )
    )
    probability_min = _share("gte")
    probability_max = _share("lte")

    class Meta:
        model = Prediction
        fields: list[str] = []

    def by_decision(self, rows: QuerySet[Prediction], name: str, decision: str) -> QuerySet[Prediction]:
        return filters.filter_by_decision(rows, decision)

    def by_override(self, rows: QuerySet[Prediction], name: str, override: str) -> QuerySet[Prediction]:
        return filters.filter_by_override(rows, _SWITCH[override])
