"""Assignment: a reviewer gives a waiting case to a person, who may then see, work and decide it."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from ml.applications.values import show_value
from ml.errors import InvalidValue
from predictions.errors import InvalidFields
from predictions.models import Claim, Prediction
from predictions.models.querysets import AnyUser
from predictions.roles import DECIDE
from predictions.services.accounts import accounts_with
from predictions.services.queue import claims
from predictions.services.queue.claims import lock_newest
from predictions.services.writing import audit


def who_may_work() -> list[User]:
    """Return the active accounts to which a case can be assigned, by name."""
    return list(accounts_with(DECIDE).order_by("username"))


def account_named(username: object) -> User:
    """Return the account of a name to which a case can be assigned. Raises `InvalidFields`."""
    if username in ("", None):
        raise InvalidFields({"to": InvalidValue("required", "The user name of a person is expected.")})
    account = next((user for user in who_may_work() if user.get_username() == username), None)
    if account is None:
        detail = f"{show_value(username)} is not the user name of an active account that may decide."
        raise InvalidFields({"to": InvalidValue("invalid_choice", detail)})
    return account


def assign_case(*, prediction: Prediction, to: User, by: AnyUser, now: datetime | None = None) -> Claim:
    """Assign a waiting case to a person, or return the claim that this person already has.

    The claim of another person ends.

    Raises
    ------
    OutdatedPrediction
        If the application was scored again.
    Conflict
        If the case does not wait for a decision.
    """
    now = now or timezone.now()
    with transaction.atomic():
        lock_newest(prediction)
        claims.require_waiting(prediction)
        existing = claims.open_claim(prediction)
        if existing and existing.by_id == to.pk:
            return existing
        claims.end_claim(prediction=prediction, by=by, now=now)
        claim = claims.open_for(prediction, to, now)
        detail = {"prediction": prediction.pk, "to": to.get_username()}
        audit.record(by=by, action="assignment", detail=detail, now=now)
    return claim
