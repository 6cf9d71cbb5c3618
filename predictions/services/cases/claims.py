"""The refer queue: who works on which case."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from predictions.errors import Conflict, OutdatedPrediction
from predictions.models import Claim, Prediction, Referral
from predictions.models.prediction import CaseRecordQuerySet, PredictionQuerySet
from predictions.models.querysets import AnyUser
from predictions.roles import SEE_ALL
from predictions.services.writing import audit


def lock_newest(prediction: Prediction) -> None:
    """Let the work on one application follow each other, until the transaction ends.

    Scoring takes no part in that and waits for nobody. So whether a prediction is the newest one is asked
    here, once nobody else is at work on the application: one that is stored later came after this work.

    Raises
    ------
    Outdated
        When the application has a newer prediction.
    """
    same = Prediction.objects.of_application(prediction.loan_id, prediction.owner_id)
    _lock_first(same.order_by("pk"))
    newest: int = same.order_by("-pk").values_list("pk", flat=True)[0]
    if newest != prediction.pk:
        raise OutdatedPrediction(prediction.pk, prediction.loan_id, newest)


def _lock_first(same: PredictionQuerySet) -> None:
    """Lock the application's first prediction, which stands for the application."""
    list(same.select_for_update(no_key=True).values_list("pk", flat=True)[:1])


def claim_case(*, prediction: Prediction, by: AnyUser, now: datetime | None = None) -> Claim:
    """Take a waiting case; one's own claim stays as it is. Raises `Conflict`, or `OutdatedPrediction` of
    those."""
    with transaction.atomic():
        lock_newest(prediction)
        if not Referral.objects.of_application(prediction.loan_id, prediction.owner_id).exists():
            raise Conflict("This case does not wait for a decision: it is decided, or was not referred.")
        standing = require_no_other_claim(prediction=prediction, by=by)
        if standing:
            return standing
        facts = {"prediction": prediction, "by_id": by.pk, "at": now or timezone.now()}
        taken = Claim.objects.create(**facts)
        audit.record(by=by, action="claim", detail={"prediction": prediction.pk}, now=now)
    return taken


def release_case(*, prediction: Prediction, by: AnyUser, now: datetime | None = None) -> None:
    """Give a case back; to do so again changes nothing.

    Those who may see all cases also give back what others hold. Raises `Conflict`, or `OutdatedPrediction`
    of those.
    """
    with transaction.atomic():
        lock_newest(prediction)
        if not by.has_perm(SEE_ALL):
            require_no_other_claim(prediction=prediction, by=by)
        if end_claim(prediction=prediction, by=by, now=now or timezone.now()):
            audit.record(by=by, action="release", detail={"prediction": prediction.pk}, now=now)
        elif not _released_by(prediction, by):
            raise Conflict("Nobody has claimed this case.")


def require_no_other_claim(*, prediction: Prediction, by: AnyUser) -> Claim | None:
    """Return one's own claim or none; raises `Conflict` when somebody else holds the case."""
    standing: Claim | None = _standing(prediction).select_related("by").first()
    if standing and standing.by_id != by.pk:
        raise Conflict(
            f"{standing.by.get_username()} has claimed this case. Ask them to release it, "
            "or take one that nobody holds."
        )
    return standing


def end_claim(*, prediction: Prediction, by: AnyUser, now: datetime) -> bool:
    """End the claim that stands, if one does."""
    return bool(_standing(prediction).update(ended_at=now, ended_by_id=by.pk))


def _released_by(prediction: Prediction, by: AnyUser) -> bool:
    """Tell whether this user ended the newest claim: who releases twice is not told that nobody holds it."""
    newest = _of_application(prediction).first()
    return newest is not None and newest.ended_by_id == by.pk


def _standing(prediction: Prediction) -> CaseRecordQuerySet:
    """The claim that holds the application, whichever of its predictions was claimed."""
    return _of_application(prediction).filter(ended_at=None)


def _of_application(prediction: Prediction) -> CaseRecordQuerySet:
    claims: CaseRecordQuerySet = Claim.objects.of_application(prediction.loan_id, prediction.owner_id)
    return claims
