"""Claims: who works on which case. Only an application's newest prediction is worked on."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from predictions.errors import Conflict, OutdatedPrediction
from predictions.models import ApplicationEvent, Claim, Prediction, Referral
from predictions.models.prediction import CaseRecordQuerySet
from predictions.models.querysets import AnyUser
from predictions.roles import SEE_ALL
from predictions.services.queue import entries as queue_entries
from predictions.services.writing import audit


def lock_newest(prediction: Prediction) -> None:
    """Lock the application until the transaction ends, and check that `prediction` is its newest one.

    Claims, decisions and notices of one application follow each other. Scoring does not lock: a prediction
    that is stored after this check came after this work.

    Raises
    ------
    OutdatedPrediction
        If the application has a newer prediction.
    Conflict
        If it was merged into another application.
    """
    lock_application(prediction)
    require_newest(prediction)
    require_not_merged(prediction)


def lock_application(prediction: Prediction) -> None:
    """Lock the row of the application's first prediction: applications have no row of their own."""
    first = Prediction.objects.of_application(*prediction.application).order_by("pk")
    list(first.select_for_update(no_key=True).values_list("pk", flat=True)[:1])


def require_newest(prediction: Prediction) -> None:
    """Raise `OutdatedPrediction` if the application has a newer prediction."""
    newest_first = Prediction.objects.of_application(*prediction.application).order_by("-pk")
    newest_id: int = newest_first.values_list("pk", flat=True)[0]
    if newest_id != prediction.pk:
        raise OutdatedPrediction(prediction.pk, prediction.loan_id, newest_id)


def require_not_merged(prediction: Prediction) -> None:
    """Raise `Conflict`, which names the other one, if the application was merged into another one."""
    event = prediction.events.filter(kind=ApplicationEvent.Kind.MERGED).first()
    if event:
        into = f"application {event.detail['into']}"
        raise Conflict(f"This application was merged into {into} and is read-only. Work on {into}.")


def claim_case(*, prediction: Prediction, by: AnyUser, now: datetime | None = None) -> Claim:
    """Claim a waiting case, or return the claim that `by` already has.

    Raises
    ------
    OutdatedPrediction
        If the application was scored again.
    Conflict
        If the case does not wait for a decision, or another person has claimed it.
    """
    with transaction.atomic():
        lock_newest(prediction)
        require_waiting(prediction)
        own_claim = require_no_other_claim(prediction=prediction, by=by)
        if own_claim:
            return own_claim
        claim = open_for(prediction, by, now or timezone.now())
        audit.record(by=by, action="claim", detail={"prediction": prediction.pk}, now=now)
    return claim


def release_case(*, prediction: Prediction, by: AnyUser, now: datetime | None = None) -> None:
    """Release a claimed case. Releasing it a second time changes nothing.

    Users who may see all cases may also release the claims of others.

    Raises
    ------
    OutdatedPrediction
        If the application was scored again.
    Conflict
        If the case is unassigned, or another person has claimed it.
    """
    with transaction.atomic():
        lock_newest(prediction)
        if not by.has_perm(SEE_ALL):
            require_no_other_claim(prediction=prediction, by=by)
        if end_claim(prediction=prediction, by=by, now=now or timezone.now()):
            audit.record(by=by, action="release", detail={"prediction": prediction.pk}, now=now)
        elif not _released_by(prediction, by):
            raise Conflict("This case is unassigned.")


def require_no_other_claim(*, prediction: Prediction, by: AnyUser) -> Claim | None:
    """Return the open claim of `by`, or None. Raises `Conflict` if another person has claimed the case."""
    claim = open_claim(prediction)
    if claim and claim.by_id != by.pk:
        name = claim.by.get_username()
        raise Conflict(
            f"This case is assigned to {name}. Ask {name} to release it, or claim an unassigned case."
        )
    return claim


def require_waiting(prediction: Prediction) -> None:
    """Raise `Conflict` if the application does not wait for a decision."""
    if not Referral.objects.of_application(*prediction.application).exists():
        raise Conflict(
            "This case does not wait for a decision. It was decided or withdrawn, or was never referred."
        )


def open_claim(prediction: Prediction) -> Claim | None:
    return _open_claims(prediction).select_related("by").first()


def open_for(prediction: Prediction, user: AnyUser, now: datetime) -> Claim:
    """Open a claim for a user, in the caller's transaction."""
    claim = Claim.objects.create(prediction=prediction, by_id=user.pk or 0, at=now)
    queue_entries.assign(prediction, user.pk)
    return claim


def end_waiting(prediction: Prediction) -> None:
    """Delete the application's referrals, except for a prediction that is being stored right now."""
    marks = Referral.objects.of_application(*prediction.application)
    marks.filter(pk__lte=prediction.pk).delete()


def end_claim(*, prediction: Prediction, by: AnyUser, now: datetime) -> bool:
    """End the open claim on the application. Return False if there is none."""
    queue_entries.assign(prediction, None)
    return bool(_open_claims(prediction).update(ended_at=now, ended_by_id=by.pk))


def _released_by(prediction: Prediction, by: AnyUser) -> bool:
    """Return True if `by` ended the newest claim: a second click on "release" is no error."""
    newest = _claims_on(prediction).first()
    return newest is not None and newest.ended_by_id == by.pk


def _open_claims(prediction: Prediction) -> CaseRecordQuerySet[Claim]:
    """Return the open claim on any prediction of the application."""
    return _claims_on(prediction).filter(ended_at=None)


def _claims_on(prediction: Prediction) -> CaseRecordQuerySet[Claim]:
    return Claim.objects.of_application(*prediction.application)
