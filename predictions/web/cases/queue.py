"""The queue: the cases that wait for a person, oldest first, and their claims."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, TypedDict, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import F, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timesince import timesince
from django.views.decorators.http import require_safe

from predictions.errors import Conflict, OutdatedPrediction
from predictions.live.products import product_of
from predictions.models import Claim, Prediction, Product, Referral
from predictions.models.prediction import newest_of
from predictions.models.querysets import AnyUser
from predictions.roles import DECIDE
from predictions.services.cases import claims
from predictions.web.cases.lookup import (
    get_case,
    read_row_key,
    redirect_after_post,
    redirect_to_application,
    require_case_access,
)
from predictions.web.cases.pages import case_page
from predictions.web.posting import post_only
from predictions.web.presentation import prediction_percent
from predictions.words.labels import in_a_sentence
from predictions.words.policies import ADVICE

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class _WaitingFacts(TypedDict):
    newest: int
    holder: str | None


WaitingReferral: TypeAlias = "WithAnnotations[Referral, _WaitingFacts]"


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A waiting application: its newest prediction, since when it waits, and the person it is assigned to."""

    prediction: Prediction
    percent: str
    since: datetime
    assigned_to: str | None
    assigned_to_id: int | None
    scored_again: bool

    @classmethod
    def of(cls, referral: WaitingReferral, newest: Prediction) -> "WaitingCase":
        since = referral.since or newest.created_at
        facts = (since, referral.holder, referral.assigned_to_id, since < newest.created_at)
        return cls(newest, prediction_percent(newest), *facts)

    @property
    def age(self) -> str:
        """The time that the case has waited, in words."""
        waited = timezone.now() - self.since
        return timesince(self.since, depth=1) if waited >= timedelta(minutes=1) else "under a minute"

    @property
    def again(self) -> str:
        """The result of scoring the application again, in words; empty if it was scored once."""
        if not self.scored_again:
            return ""
        return f"Scored again: {self.percent}%, {ADVICE[self.prediction.outcome]}"


def referrals_for(user: AnyUser, product: Product) -> "QuerySet[WaitingReferral]":
    """Return the queue's entries of a product that `user` may see, in the order in which they entered."""
    referrals = Referral.objects.of_product(product).visible_to(user).order_by("since", "pk")
    key = (OuterRef("loan_id"), OuterRef("owner"), OuterRef("product"))
    annotated = referrals.annotate(newest=newest_of(*key), holder=F("assigned_to__username"))
    return cast("QuerySet[WaitingReferral]", annotated)


def waiting_cases(referrals: Sequence[WaitingReferral]) -> list[WaitingCase]:
    """Return the case of each referral, in the order of `referrals`."""
    rows = Prediction.objects.with_application_id().select_related("owner", "policy").defer("missing")
    newest = rows.in_bulk([referral.newest for referral in referrals])
    return [
        WaitingCase.of(referral, newest[referral.newest])
        for referral in referrals
        if referral.newest in newest
    ]


PAGE_SIZE = 25
QUEUE_VIEWS = {"all": "All", "mine": "Assigned to you", "unclaimed": "Unassigned"}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A waiting case. `settles` names what would decide it; `mine`: it is assigned to the viewer."""

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
    """Show the waiting cases: ``?show=all|mine|unclaimed``, and ``?after=<id>`` for the next page."""
    show, start = request.GET.get("show", "all"), request.GET.get("after", "0")
    if show not in QUEUE_VIEWS:
        raise Http404
    referrals = [*_waiting(request, show).filter(pk__gt=read_row_key(start))[: PAGE_SIZE + 1]]
    lines = [_line(case, request.user.pk) for case in waiting_cases(referrals[:PAGE_SIZE])]
    newer = referrals[PAGE_SIZE - 1].pk if len(referrals) > PAGE_SIZE else None
    context = {"lines": lines, "newer": newer, "show": show, "shows": QUEUE_VIEWS, "start": start}
    return render(request, "predictions/decisions/queue.html", context)


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    prediction, success = get_case(request, pk), "{} is assigned to you until you decide or release it."
    return _change(request, prediction, claims.claim_case, success) or redirect_to_application(prediction)


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    prediction, success = get_case(request, pk), "{} is unassigned now."
    return _change(request, prediction, claims.release_case, success) or redirect_after_post("queue")


def _change(
    request: HttpRequest, prediction: Prediction, service: Callable[..., Claim | None], success: str
) -> HttpResponse | None:
    """Claim or release a case. Return a page only if the service refuses."""
    try:
        service(prediction=prediction, by=request.user)
    except OutdatedPrediction as error:
        return case_page(request, error.newest_id, error=str(error), status=409)
    except Conflict as error:
        return case_page(request, prediction.pk, error=str(error), status=409)
    messages.success(request, success.format(prediction.loan_id))
    return None


def _waiting(request: HttpRequest, show: str) -> "QuerySet[WaitingReferral]":
    require_case_access(request)
    referrals = referrals_for(request.user, product_of(request))
    if show == "mine":
        return referrals.filter(assigned_to=request.user.pk)
    return referrals.filter(assigned_to=None) if show == "unclaimed" else referrals


def _checks(prediction: Prediction) -> list[str]:
    """Name the values to check: those with a remark that refers the case."""
    remarks = prediction.referring_remarks
    if not prediction.policy.rule.refers_for(remarks):
        return []
    columns = dict.fromkeys(remark["attr"] for remark in remarks if remark["attr"])
    by_column = prediction.schema.by_column
    labels = [in_a_sentence(by_column[column].label) for column in columns]
    return [f"Check the {' and the '.join(labels)}"] if labels else []


def _line(case: WaitingCase, viewer: int | None) -> QueueLine:
    by_column = case.prediction.schema.by_column
    missing = [by_column[column].label for column in case.prediction.could_flip]
    return QueueLine(
        case=case,
        settles=[*_checks(case.prediction), *missing],
        mine=case.assigned_to_id == viewer,
    )
