"""The refer queue: what waits for a person, oldest first, and who works on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ml.applications.schema import BY_COLUMN
from predictions.errors import Conflict, Outdated
from predictions.models import Prediction, Referral
from predictions.roles import DECIDE
from predictions.services.cases import claims
from predictions.web.cases.lookup import case_of, key, refuse_strangers, see_other
from predictions.web.cases.pages import case_page
from predictions.web.cases.waiting import WaitingCase, cases_of, marks_for
from predictions.web.posting import post_only

PAGE = 25
SHOWS = {"all": "All", "mine": "Held by you", "unclaimed": "Unassigned"}


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
    if show not in SHOWS:
        raise Http404
    marks = [*_waiting(request, show).filter(pk__gt=key(start))[: PAGE + 1]]
    lines = [_line(case, request.user.pk) for case in cases_of(marks[:PAGE])]
    newer = marks[PAGE - 1].pk if len(marks) > PAGE else None
    context = {"lines": lines, "newer": newer, "show": show, "shows": SHOWS, "start": start}
    return render(request, "predictions/decisions/queue.html", context)


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    said = "You hold {} until you decide or release it."
    return _change(request, pk, claims.claim, said) or see_other("prediction_detail", pk)


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, pk, claims.release, "{} is unassigned now.") or see_other("queue")


def _change(request: HttpRequest, pk: int, service: Callable[..., Any], said: str) -> HttpResponse | None:
    """Claim or release a case and say so; return a page only when that is refused."""
    prediction = case_of(request, pk)
    try:
        service(prediction=prediction, by=request.user)
    except Outdated as error:
        return case_page(request, error.newest_id, error=str(error), status=409)
    except Conflict as error:
        return case_page(request, pk, error=str(error), status=409)
    messages.success(request, said.format(prediction.loan_id))
    return None


def _waiting(request: HttpRequest, show: str) -> QuerySet[Referral]:
    refuse_strangers(request)
    held: dict[str, Any] = {"mine": {"held_by_id": request.user.pk}, "unclaimed": {"held_by_id": None}}
    return marks_for(request.user).filter(**held.get(show, {}))


def _checks(prediction: Prediction) -> list[str]:
    """Name the values whose remarks refer the case."""
    remarks = prediction.referring if prediction.policy.rule.heeds(prediction.referring) else []
    columns = dict.fromkeys(remark["attr"] for remark in remarks if remark["attr"])
    return [f"a check of the {_in_a_sentence(BY_COLUMN[column].label)}" for column in columns]


def _in_a_sentence(label: str) -> str:
    return label[:1].lower() + label[1:]


def _line(case: WaitingCase, viewer: int | None) -> QueueLine:
    gaps = [BY_COLUMN[column].label for column in case.prediction.could_flip]
    return QueueLine(
        case=case,
        settles=[*_checks(case.prediction), *gaps],
        mine=case.held_by_id == viewer,
    )
