"""Withdrawals: an application that nobody decides, because the applicant or the lender takes it back."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ml.errors import InvalidValue
from predictions.errors import Conflict, InvalidFields
from predictions.models import ApplicationEvent, Prediction, Proposal, Referral
from predictions.models.querysets import AnyUser
from predictions.services.cases import holds
from predictions.services.cases.events import add_event
from predictions.services.queue import claims
from predictions.services.queue.claims import lock_newest
from predictions.services.writing import audit
from predictions.words.written import checked_reason


def withdraw(
    *, prediction: Prediction, by: AnyUser, reason: object, now: datetime | None = None
) -> ApplicationEvent:
    """Withdraw an application: its referral, claim, hold and open proposals end. It can be scored again.

    Returns
    -------
    ApplicationEvent
        The new event, or the one by which this prediction was withdrawn before.

    Raises
    ------
    InvalidFields
        If the reason is missing or invalid.
    OutdatedPrediction
        If the application was scored again.
    Conflict
        If it is decided, or another person has claimed it.
    """
    try:
        text = checked_reason(reason)
    except InvalidValue as error:
        raise InvalidFields({"reason": error}) from None
    with transaction.atomic():
        lock_newest(prediction)
        withdrawn = prediction.events.filter(kind=ApplicationEvent.Kind.WITHDRAWN).first()
        if withdrawn:
            return withdrawn
        claims.require_no_other_claim(prediction=prediction, by=by)
        _refuse_if_decided(prediction)
        event = add_event(prediction, ApplicationEvent.Kind.WITHDRAWN, text, by, now or timezone.now())
        end_work(prediction, by, event.at)
        audit.record(by=by, action="withdrawal", detail={"prediction": prediction.pk}, now=event.at)
    return event


def _refuse_if_decided(prediction: Prediction) -> None:
    decision = prediction.decisions.select_related("by").first()
    if decision and not Referral.objects.of_application(*prediction.application).exists():
        name = decision.by.get_username()
        raise Conflict(f"{name} {decision.verdict} this application. A decided application is not withdrawn.")


def end_work(prediction: Prediction, by: AnyUser, now: datetime) -> None:
    """End the referral, claim, hold and open proposals of an application, in the caller's transaction."""
    claims.end_claim(prediction=prediction, by=by, now=now)
    holds.end_open_hold(prediction=prediction, by=by, now=now)
    Proposal.objects.of_application(*prediction.application).outdate(now)
    claims.end_waiting(prediction)
