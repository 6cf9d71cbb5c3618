"""The refer queue: who works on which case."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from predictions.errors import Conflict
from predictions.models import Claim, Prediction
from predictions.models.owned import Caller
from predictions.roles import SEE_ALL
from predictions.services import audit


def claim(*, prediction: Prediction, by: Caller, now: datetime | None = None) -> Claim:
    """Take a waiting case; one's own claim stays as it is. Raises `Conflict`."""
    if not Prediction.objects.waiting().filter(pk=prediction.pk).exists():
        raise Conflict("This case does not wait for a decision: it is decided, or was scored again.")
    standing = refuse_others(prediction=prediction, by=by)
    try:
        with transaction.atomic():
            facts = {"prediction": prediction, "by_id": by.pk, "at": now or timezone.now()}
            taken = standing or Claim.objects.create(**facts)
            audit.record(by=by, action="claim", detail={"prediction": prediction.pk}, now=now)
    except IntegrityError:
        raise Conflict("Somebody else claimed this case at the same time.") from None
    return taken


def release(*, prediction: Prediction, by: Caller, now: datetime | None = None) -> None:
    """Give a case back. Those who may see all cases also give back what others hold. Raises `Conflict`."""
    if not by.has_perm(SEE_ALL):
        refuse_others(prediction=prediction, by=by)
    with transaction.atomic():
        if not end(prediction=prediction, by=by, now=now or timezone.now()):
            raise Conflict("Nobody has claimed this case.")
        audit.record(by=by, action="release", detail={"prediction": prediction.pk}, now=now)


def refuse_others(*, prediction: Prediction, by: Caller) -> Claim | None:
    """Return one's own claim or none; raises `Conflict` when somebody else holds the case."""
    standing = prediction.claims.filter(ended_at=None).select_related("by").first()
    if standing and standing.by_id != by.pk:
        raise Conflict(
            f"{standing.by.get_username()} has claimed this case. Ask them to release it, "
            "or take one that nobody holds."
        )
    return standing


def end(*, prediction: Prediction, by: Caller, now: datetime) -> bool:
    """End the claim that stands, if one does."""
    standing = prediction.claims.filter(ended_at=None)
    return bool(standing.update(ended_at=now, ended_by_id=by.pk))
