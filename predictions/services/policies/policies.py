"""What policies say: a change is a new policy, and what was scored before keeps its own."""

import math
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ml.applications.values import show_value
from ml.errors import InvalidValue
from ml.figures import exact_percent_text
from predictions.errors import Conflict, InvalidFields
from predictions.live import active_policy
from predictions.models import Policy
from predictions.models.querysets import AnyUser
from predictions.services.writing import audit
from predictions.words.written import checked_reason

PROBABILITY_FIELDS = ("threshold", "refer_low", "refer_high")
NUMBER_FIELDS = (*PROBABILITY_FIELDS, "refer_gaps", "remarks")


def adopt_policy(
    *, policy: Policy, replaces: int, by: AnyUser | None, reason: str, now: datetime | None = None
) -> Policy:
    """Put an unsaved `policy` in force in place of the one with the id `replaces`.

    Who adopts the same again, as a second click does, gets the policy that is in force since.

    Raises
    ------
    BadFields
        When a number or the reason cannot be one, or nothing changes.
    Conflict
        When another policy came into force meanwhile.
    """
    previous = Policy.objects.newest()
    if previous.pk != replaces:
        return _repeated(previous, policy, replaces, by, reason)
    _check(policy, previous, reason)
    policy.previous, policy.by_id, policy.reason = previous, by.pk if by else None, reason
    policy.at = now or timezone.now()
    try:
        with transaction.atomic():
            policy.save(force_insert=True)
            audit.record(by=by, action="policy", detail=_detail(policy), now=policy.at)
    except IntegrityError:
        return _repeated(Policy.objects.newest(), policy, replaces, by, reason)
    active_policy.forget()
    return policy


def _repeated(newest: Policy, wish: Policy, replaces: int, by: AnyUser | None, reason: str) -> Policy:
    """Return the policy in force if it is this user's very wish. Raises `Conflict`."""
    same = policy_numbers(newest) == policy_numbers(wish) and (newest.previous_id, newest.reason) == (
        replaces,
        reason,
    )
    if not same or by is None or newest.by_id != by.pk:
        raise Conflict(f"{newest} was adopted meanwhile. Review it before you change it.")
    return newest


def check_policy(policy: Policy) -> None:
    """Raise `InvalidFields` when its numbers are no policy."""
    faults = {name: fault for name in PROBABILITY_FIELDS if (fault := _no_share(name, getattr(policy, name)))}
    low, high = policy.refer_low, policy.refer_high
    if not faults and (low is None) != (high is None):
        name = "refer_low" if low is None else "refer_high"
        faults[name] = InvalidValue("required", "Enter both ends of the refer band, or neither.")
    if not faults and low is not None and high is not None and not low <= policy.threshold <= high > low:
        detail = (
            f"The refer band ({exact_percent_text(low)}% to {exact_percent_text(high)}%) "
            f"must contain the threshold ({exact_percent_text(policy.threshold)}%)."
        )
        faults["refer_low"] = InvalidValue("invalid", detail)
    if policy.remarks not in Policy.Remarks.values:
        detail = f"One of {', '.join(Policy.Remarks.values)} is expected, not {show_value(policy.remarks)}."
        faults["remarks"] = InvalidValue("invalid_choice", detail)
    if faults:
        raise InvalidFields(faults)


def policy_numbers(policy: Policy) -> dict[str, Any]:
    """Return what a policy says, by name."""
    return {name: getattr(policy, name) for name in NUMBER_FIELDS}


def _check(policy: Policy, previous: Policy, reason: object) -> None:
    check_policy(policy)
    if policy_numbers(policy) == policy_numbers(previous):
        detail = f"These numbers are already in force ({previous})."
        raise InvalidFields({"threshold": InvalidValue("unchanged", detail)})
    try:
        checked_reason(reason)
    except InvalidValue as error:
        raise InvalidFields({"reason": error}) from None


def _no_share(name: str, value: object) -> InvalidValue | None:
    """Say what is wrong with a number that should be a probability; only a band's end may be missing."""
    if value is None and name != "threshold":
        return None
    if isinstance(value, float) and math.isfinite(value) and 0 <= value <= 1:
        return None
    return InvalidValue("invalid", f"A probability from 0 to 1 is expected, not {show_value(value)}.")


def _detail(policy: Policy) -> dict[str, object]:
    return {"policy": policy.pk, "reason": policy.reason} | policy_numbers(policy)
