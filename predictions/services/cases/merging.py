"""Applications of one Loan_ID that several accounts of the staff have: merged into one, or kept apart.

Databases of before have them. Since then a Loan_ID of the staff is of one application.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ml.applications.values import compose_nfc
from ml.errors import InvalidValue
from predictions.errors import Conflict, InvalidFields
from predictions.models import ApplicationEvent, Prediction
from predictions.models.querysets import AnyUser
from predictions.reading.applications import application_id
from predictions.services.cases.events import add_event
from predictions.services.cases.withdrawals import end_work
from predictions.services.queue import claims
from predictions.services.scoring.namespaces import staff_accounts, wait_for_others
from predictions.services.writing import audit
from predictions.words.written import checked_reason

_Kind = ApplicationEvent.Kind


def merge(
    *, prediction: Prediction, into: Prediction, by: AnyUser, reason: object, now: datetime | None = None
) -> ApplicationEvent:
    """Merge an application into another one: it is read-only from then on, and its Loan_ID is the other's.

    Its referral, claim, hold and open proposals end. Both histories name the other application.

    Parameters
    ----------
    prediction, into
        The newest prediction of each.

    Returns
    -------
    ApplicationEvent
        The new event, or the one by which it was merged into this application before.

    Raises
    ------
    InvalidFields
        If the reason is missing or invalid.
    OutdatedPrediction
        If one of them was scored again.
    Conflict
        If they are of different Loan_IDs or products, if the Loan_ID of one is not of the staff's, or if one
        of them was merged into another application.
    """
    text, now = _checked(reason), now or timezone.now()
    _require_same_id([prediction, into])
    with transaction.atomic():
        _lock_all([prediction, into])
        number = application_id(into)
        merged = prediction.events.filter(kind=_Kind.MERGED).first()
        if merged and merged.detail == {"into": number}:
            return merged
        claims.require_not_merged(prediction)
        claims.require_not_merged(into)
        event = add_event(prediction, _Kind.MERGED, text, by, now, detail={"into": number})
        add_event(into, _Kind.MERGED_FROM, text, by, now, detail={"from": application_id(prediction)})
        end_work(prediction, by, now)
        audit.record(by=by, action="merge", detail={"prediction": prediction.pk, "into": number}, now=now)
    return event


def keep_apart(
    *, predictions: Sequence[Prediction], by: AnyUser, reason: object, now: datetime | None = None
) -> None:
    """Record that applications of one Loan_ID are different ones. They leave the list of those to merge.

    Parameters and errors are those of `merge`. Keeping them apart a second time changes nothing.
    """
    text, now = _checked(reason), now or timezone.now()
    _require_same_id(predictions)
    with transaction.atomic():
        _lock_all(predictions)
        kept = ApplicationEvent.objects.filter(kind=_Kind.KEPT_APART, prediction__in=predictions)
        new = [one for one in predictions if one.pk not in set(kept.values_list("prediction", flat=True))]
        for prediction in new:
            claims.require_not_merged(prediction)
            add_event(prediction, _Kind.KEPT_APART, text, by, now)
        if new:
            detail = {"predictions": [prediction.pk for prediction in predictions]}
            audit.record(by=by, action="kept apart", detail=detail, now=now)


def _checked(reason: object) -> str:
    try:
        return checked_reason(reason)
    except InvalidValue as error:
        raise InvalidFields({"reason": error}) from None


def _require_same_id(predictions: Sequence[Prediction]) -> None:
    ids = {(compose_nfc(one.loan_id), one.product_key) for one in predictions}
    owners = {one.owner_id for one in predictions}
    if len(ids) != 1 or len(owners) < 2 or len(owners) != len(predictions):
        raise Conflict("Different applications of one Loan_ID are expected.")
    if staff_accounts().filter(pk__in=owners).count() != len(owners):
        raise Conflict("An account that does not share the staff's Loan_IDs keeps its application apart.")


def _lock_all(predictions: Sequence[Prediction]) -> None:
    """Lock the applications, in one order so that no two deadlock, and let nobody score their Loan_ID."""
    for prediction in sorted(predictions, key=lambda one: one.pk):
        claims.lock_application(prediction)
    wait_for_others(predictions[0].product_key, [predictions[0].loan_id])
    for prediction in predictions:
        claims.require_newest(prediction)
