"""The query parameters of the lists, derived from the declared filters.

The error of a refused value names the value and what was expected, as everywhere else.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError as FormError
from drf_spectacular.utils import extend_schema_field

from ml.errors import InvalidValue
from predictions.reading.blocks.codes import Known
from predictions.reading.declared_filters import (
    ACTIVATION_FILTERS,
    APPLICANT_FILTERS,
    APPLICATION_FILTERS,
    PREDICTION_FILTERS,
    PROPOSAL_FILTERS,
    QUEUE_FILTERS,
    AnyFilter,
    Rows,
)


class _QueryField(forms.Field):
    """A value of the query string, read by a rule; an empty value is read too, not skipped."""

    def __init__(self, rule: Callable[[str], object], **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule

    def clean(self, value: str | None) -> object:
        """Refuse with the detail as a parameter: django-filter formats messages, and a value may hold "%"."""
        try:
            return None if value is None else self.rule(value)
        except InvalidValue as error:
            raise FormError("%(detail)s", code=error.code, params={"detail": error.detail}) from None


class _QueryFilter(django_filters.Filter):
    """A declared filter as django-filter applies it."""

    field_class = _QueryField

    def __init__(self, declared: AnyFilter) -> None:
        super().__init__(rule=declared.kind.read)
        self.declared = declared

    def filter(self, rows: Rows, value: object) -> Rows:
        return rows if value is None else self.declared.narrow(rows, value)


def _query_filters(filters: Iterable[AnyFilter]) -> dict[str, _QueryFilter]:
    """Return the filters that the API has, by parameter."""
    return {
        declared.api: extend_schema_field(declared.schema)(_QueryFilter(declared))
        for declared in filters
        if declared.api
    }


def known_codes(filters: Iterable[AnyFilter], parameters: Mapping[str, str]) -> list[Known]:
    """Return the codes of what accepted parameters of a list keep, as far as they are known."""
    asked = [declared for declared in filters if declared.api and declared.api in parameters]
    codes = [declared.codes(declared.kind.read(parameters[declared.api])) for declared in asked]
    return [known for known in codes if known]


PredictionFilters = type("PredictionFilters", (django_filters.FilterSet,), _query_filters(PREDICTION_FILTERS))
ApplicantFilters = type("ApplicantFilters", (django_filters.FilterSet,), _query_filters(APPLICANT_FILTERS))
ApplicationFilters = type(
    "ApplicationFilters", (django_filters.FilterSet,), _query_filters(APPLICATION_FILTERS)
)
QueueFilters = type("QueueFilters", (django_filters.FilterSet,), _query_filters(QUEUE_FILTERS))
ProposalFilters = type("ProposalFilters", (django_filters.FilterSet,), _query_filters(PROPOSAL_FILTERS))
TimelineFilters = type("TimelineFilters", (django_filters.FilterSet,), _query_filters(ACTIVATION_FILTERS))
