"""The refer queue: what waits for a person, oldest first, and who works on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timesince import timesince
from django.views.decorators.http import require_safe

from ml.applications.schema import BY_COLUMN
from predictions.errors import Conflict, OutdatedPrediction
from predictions.models import Claim, Prediction, Referral
from predictions.models.prediction import newest_of
from predictions.models.querysets import AnyUser
from predictions.roles import DECIDE, SEE_ALL
from predictions.services.cases import claims
from predictions.web.cases.lookup import get_case, read_row_key, redirect_after_post, require_case_access
from predictions.web.cases.pages import case_page
from predictions.web.posting import post_only
from predictions.web.presentation import ADVICE, prediction_percent


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """An application's newest prediction, since when it waits, and who works on it."""

    prediction: Prediction
    percent: str
    since: datetime
    assigned_to: str | None
    assigned_to_id: int | None
    scored_again: bool

    @classmethod
    def of(cls, mark: Any, newest: Prediction) -> "WaitingCase":
        facts = (mark.since, mark.assigned_to, mark.assigned_to_id, mark.pk != newest.pk)
        return cls(newest, prediction_percent(newest), *facts)

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
        return f"Scored again: {self.percent}%, {ADVICE[self.prediction.outcome]}"


def referrals_for(user: AnyUser) -> QuerySet[Referral]:
    """Return a mark for each waiting application that a user may see, the longest-waiting one first."""
    marks = Referral.objects.first_of_each()
    if not user.has_perm(SEE_ALL):
        marks = marks.filter(prediction__owner=user.pk)
    key = OuterRef("prediction__loan_id"), OuterRef("prediction__owner")
    claims = Claim.objects.of_application(*key).filter(ended_at=None)
    annotated: QuerySet[Referral] = marks.annotate(
        since=F("prediction__created_at"),
        newest=newest_of(*key),
        assigned_to=Subquery(claims.values("by__username")[:1]),
        assigned_to_id=Subquery(claims.values("by")[:1]),
    )
    return annotated


def waiting_cases(marks: Sequence[Any]) -> list[WaitingCase]:
    """Return the waiting cases of some marks, in their order."""
    rows = Prediction.objects.select_related("owner", "policy").defer("missing")
    newest = rows.in_bulk([mark.newest for mark in marks])
    return [WaitingCase.of(mark, newest[mark.newest]) for mark in marks if mark.newest in newest]


PAGE_SIZE = 25
QUEUE_VIEWS = {"all": "All", "mine": "Assigned to you", "unclaimed": "Unassigned"}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A waiting case, what would settle it, and whether the viewer holds it."""

    case: WaitingCase
    settles: list[str]
    mine: bool

    @property
    def prediction(self) -> Prediction:
        return self.case.prediction


@require_safe
@login_required
@permission_required(DECIDE, raise_exception=True)
def queue(request: HttpRequest) -> HttpResponse:
    """``?show=all|mine|unclaimed``; ``?after=<id>`` is the next page."""
    show, start = request.GET.get("show", "all"), request.GET.get("after", "0")
    if show not in QUEUE_VIEWS:
        raise Http404
    marks = [*_waiting(request, show).filter(pk__gt=read_row_key(start))[: PAGE_SIZE + 1]]
    lines = [_line(case, request.user.pk) for case in waiting_cases(marks[:PAGE_SIZE])]
    newer = marks[PAGE_SIZE - 1].pk if len(marks) > PAGE_SIZE else None
    context = {"lines": lines, "newer": newer, "show": show, "shows": QUEUE_VIEWS, "start": start}
    return render(request, "predictions/decisions/queue.html", context)


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    said = "{} is assigned to you until you decide or release it."
    return _change(request, pk, claims.claim_case, said) or redirect_after_post("prediction_detail", pk)


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, pk, claims.release_case, "{} is unassigned now.") or redirect_after_post("queue")


def _change(request: HttpRequest, pk: int, service: Callable[..., Any], said: str) -> HttpResponse | None:
    """Claim or release a case and say so; return a page only when that is refused."""
    prediction = get_case(request, pk)
    try:
        service(prediction=prediction, by=request.user)
    except OutdatedPrediction as error:
        return case_page(request, error.newest_id, error=str(error), status=409)
    except Conflict as error:
        return case_page(request, pk, error=str(error), status=409)
    messages.success(request, said.format(prediction.loan_id))
    return None


def _waiting(request: HttpRequest, show: str) -> QuerySet[Referral]:
    require_case_access(request)
    held: dict[str, Any] = {
        "mine": {"assigned_to_id": request.user.pk},
        "unclaimed": {"assigned_to_id": None},
    }
    return referrals_for(request.user).filter(**held.get(show, {}))


def _checks(prediction: Prediction) -> list[str]:
    """Name the values whose remarks refer the case."""
    remarks = prediction.referring_remarks
    if not prediction.policy.rule.refers_for(remarks):
        return []
    columns = dict.fromkeys(remark["attr"] for remark in remarks if remark["attr"])
    labels = [_in_a_sentence(BY_COLUMN[column].label) for column in columns]
    return [f"Check the {' and the '.join(labels)}"] if labels else []


def _in_a_sentence(label: str) -> str:
    return label[:1].lower() + label[1:]


def _line(case: WaitingCase, viewer: int | None) -> QueueLine:
    gaps = [BY_COLUMN[column].label for column in case.prediction.could_flip]
    return QueueLine(
        case=case,
        settles=[*_checks(case.prediction), *gaps],
        mine=case.assigned_to_id == viewer,
    )
