"""What a filter of predictions means, to page, file and API alike."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from ml.applications.values import spellings
from predictions.models import Decision, Prediction

Rows = QuerySet[Prediction]
NOT_DECIDED = "none"
DECISIONS = [*Decision.Verdict.values, NOT_DECIDED]


def by_decision(rows: Rows, decision: str) -> Rows:
    """Narrow down by the newest decision of each, or to those without any."""
    if decision == NOT_DECIDED:
        return rows.filter(~Exists(Decision.objects.filter(prediction=OuterRef("pk"))))
    return _decided(rows, verdict=decision)


def by_override(rows: Rows, override: bool) -> Rows:
    """Narrow down to those whose newest decision is, or is not, against the advice."""
    return _decided(rows, override=override)


def by_loan_id(rows: Rows, loan_id: str, exact: bool) -> Rows:
    return rows.filter(loan_id__in=spellings(loan_id)) if exact else rows.filter(loan_id__begins=loan_id)


def by_version(rows: Rows, pk: int) -> Rows:
    return past_index(rows, "model_version_id", pk)


def by_owner(rows: Rows, username: str) -> Rows:
    """Narrow down to one owner, in the same query."""
    owner = get_user_model().objects.filter(username=username).values("pk")
    return past_index(rows, "owner_id", Subquery(owner))


def with_decision(rows: Rows) -> Rows:
    """Annotate each with its newest decision: `decision` (verdict) and `override`, none without one."""
    newest = Decision.objects.filter(prediction=OuterRef("pk")).order_by("-pk")
    return rows.annotate(
        decision=Subquery(newest.values("verdict")[:1]), override=Subquery(newest.values("override")[:1])
    )


def _decided(rows: Rows, **facts: Any) -> Rows:
    found = Decision.objects.latest_of_each().filter(**facts)
    return rows.filter(pk__in=found.values("prediction"))


def past_index(rows: QuerySet[Any], column: str, value: Any) -> QuerySet[Any]:
    """Filter past the column's own index: SQLite would take it, and sort a million rows for one page.

    The index that has the order of the page holds the column too. A sum has no index.
    """
    name = f"any_{column.replace('__', '_')}"
    return rows.alias(**{name: F(column) + 0}).filter(**{name: value})
