"""What waits for a person: found by its marks, shown by its newest prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.timesince import timesince

from predictions.models import Claim, Prediction, Referral
from predictions.models.prediction import newest_of
from predictions.models.querysets import Caller
from predictions.roles import SEE_ALL
from predictions.web.presentation import percent_text


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """An application's newest prediction, since when it waits, and who works on it."""

    prediction: Prediction
    percent: str
    since: datetime
    held_by: str | None
    held_by_id: int | None
    scored_again: bool

    @classmethod
    def of(cls, mark: Any, newest: Prediction) -> "WaitingCase":
        facts = (mark.since, mark.held_by, mark.held_by_id, mark.pk != newest.pk)
        return cls(newest, percent_text(newest), *facts)

    @property
    def age(self) -> str:
        """Say how long it has waited."""
        waited = timezone.now() - self.since
        return timesince(self.since, depth=1) if waited >= timedelta(minutes=1) else "under a minute"

    @property
    def again(self) -> str:
        """Say what came of scoring it again; nothing when it was not."""
        if not self.scored_again:
            return ""
        refer = self.prediction.outcome == Prediction.Outcome.REFER
        now = "still referred" if refer else f"now {self.prediction.outcome}"
        return f"Scored again: {now}, {self.percent} %"


def marks_for(user: Caller) -> QuerySet[Referral]:
    """Return a mark for each waiting application that a user may see, the longest-waiting one first."""
    marks = Referral.objects.first_of_each()
    if not user.has_perm(SEE_ALL):
        marks = marks.filter(prediction__owner=user.pk)
    key = OuterRef("prediction__loan_id"), OuterRef("prediction__owner")
    claims = Claim.objects.of_application(*key).filter(ended_at=None)
    annotated: QuerySet[Referral] = marks.annotate(
        since=F("prediction__created_at"),
        newest=newest_of(*key),
        held_by=Subquery(claims.values("by__username")[:1]),
        held_by_id=Subquery(claims.values("by")[:1]),
    )
    return annotated


def cases_of(marks: Sequence[Any]) -> list[WaitingCase]:
    """Return the waiting cases of some marks, in their order."""
    rows = Prediction.objects.select_related("owner", "policy").defer("missing")
    newest = rows.in_bulk([mark.newest for mark in marks])
    return [WaitingCase.of(mark, newest[mark.newest]) for mark in marks if mark.newest in newest]
