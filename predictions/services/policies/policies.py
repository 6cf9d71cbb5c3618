"""Policies: check and adopt them. A change is a new policy; stored predictions keep the one they had."""

import math
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ml.applications.values import show_value
from ml.errors import InvalidValue
from ml.expressions.sizes import LARGEST, SMALLEST
from ml.figures import exact_percent_text
from ml.schemas.schema import Schema
from ml.scorecard.policy_rules import rules_to_facts, unknown_columns
from predictions.errors import Conflict, InvalidFields, SecondPersonNeeded
from predictions.live import active_policy
from predictions.live.active_model import schema_in_use
from predictions.models import Policy, Proposal
from predictions.models.querysets import AnyUser
from predictions.services.writing import audit
from predictions.words.written import checked_reason

PROBABILITY_FIELDS = ("threshold", "refer_low", "refer_high")
SECOND_FIELDS = ("second_for_overrides", "second_for_letters", "second_for_policies", "second_for_gate")
KEPT_FIELDS = ("rules", "limit_amount", *SECOND_FIELDS)  # a command that does not name them keeps them
NUMBER_FIELDS = (*PROBABILITY_FIELDS, "refer_gaps", "remarks", *KEPT_FIELDS)


def adopt_policy(
    *,
    policy: Policy,
    replaces: int,
    by: AnyUser | None,
    reason: str,
    second: AnyUser | None = None,
    now: datetime | None = None,
) -> Policy:
    """Put the unsaved `policy` in force for its product, in place of the one with the id `replaces`.

    Open proposals for the product's policy are outdated from then on.

    Parameters
    ----------
    second
        Who confirmed the change; needed where the policy in force asks for a second person.

    Returns
    -------
    Policy
        The new policy, or the one in force if the same user has just adopted the same numbers.

    Raises
    ------
    InvalidFields
        If a number or the reason is invalid, or if nothing changes.
    Conflict
        If another policy was adopted meanwhile.
    SecondPersonNeeded
        If the policy in force asks for a second person, and nobody confirmed the change.
    """
    of_product = Policy.objects.of_product(policy.product_key)
    previous = of_product.newest()
    check_policy(policy)
    _check_reason(reason)
    if previous.pk != replaces:
        return _repeated(previous, policy, replaces, by, reason)
    _refuse_unchanged(policy, previous)
    limits = limits_of_change(policy, previous)
    if limits and second is None:
        raise SecondPersonNeeded("This change of the policy", limits)
    policy.previous, policy.by_id, policy.reason = previous, by.pk if by else None, reason
    policy.at, policy.confirmed_by_id = now or timezone.now(), second.pk if second else None
    try:
        with transaction.atomic():
            policy.save(force_insert=True)
            _close_proposals(policy)
            _record(policy, by)
    except IntegrityError:
        return _repeated(of_product.newest(), policy, replaces, by, reason)
    active_policy.forget()
    return policy


def limits_of_change(policy: Policy, previous: Policy) -> list[str]:
    """Return the fields of the policy in force that ask for a second person to confirm the change.

    Whoever could turn a limit off alone would not be bound by it.
    """
    limits = ["second_for_policies"] if previous.second_for_policies else []
    turned_off = [name for name in SECOND_FIELDS if getattr(previous, name) and not getattr(policy, name)]
    if previous.limit_amount is not None and (
        policy.limit_amount is None or policy.limit_amount > previous.limit_amount
    ):
        turned_off.insert(0, "limit_amount")
    return list(dict.fromkeys([*limits, *turned_off]))


def _close_proposals(policy: Policy) -> None:
    """Mark the open proposals for the policy before as outdated."""
    proposals = Proposal.objects.of_product(policy.product_key).filter(kind=Proposal.Kind.POLICY)
    proposals.outdate(policy.at)


def _record(policy: Policy, by: AnyUser | None) -> None:
    detail = {"policy": policy.pk, "reason": policy.reason} | recorded_numbers(policy)
    if policy.confirmed_by_id is not None:
        detail["confirmed_by"] = policy.confirmed_by_id
    audit.record(by=by, action="policy", detail=detail, now=policy.at)


def _repeated(newest: Policy, requested: Policy, replaces: int, by: AnyUser | None, reason: str) -> Policy:
    """Return the newest policy if `by` has just adopted the same. Raises `Conflict` otherwise."""
    is_same = (
        policy_numbers(newest) == policy_numbers(requested)
        and newest.previous_id == replaces
        and newest.reason == reason
    )
    if not is_same or by is None or newest.by_id != by.pk:
        raise Conflict(f"{newest} was adopted meanwhile. Review it before you change it.")
    return newest


def check_policy(policy: Policy) -> None:
    """Raise `InvalidFields` if the numbers of the policy are invalid, or its schema cannot apply them.

    Rules and limit may be kept from a policy that was adopted under another schema.
    """
    faults = _probability_faults(policy) or _band_faults(policy)
    schema = schema_in_use(policy.product_key)
    faults |= _limit_faults(policy.limit_amount, schema) | _rule_faults(policy, schema)
    if policy.remarks not in Policy.Remarks.values:
        detail = f"One of {', '.join(Policy.Remarks.values)} is expected, not {show_value(policy.remarks)}."
        faults["remarks"] = InvalidValue("invalid_choice", detail)
    if faults:
        raise InvalidFields(faults)


def _limit_faults(limit: float | None, schema: Schema) -> dict[str, InvalidValue]:
    if limit is None:
        return {}
    if schema.amount is None:
        detail = (
            f"The schema of {schema.title!r} names no amount; expected no limit, not {show_value(limit)}."
        )
        return {"limit_amount": InvalidValue("invalid", detail)}
    if SMALLEST <= limit <= LARGEST:
        return {}
    expected = f"An amount above 0 is expected (from {SMALLEST:g} to {LARGEST:g})"
    return {"limit_amount": InvalidValue("invalid", f"{expected}, not {show_value(limit)}.")}


def _rule_faults(policy: Policy, schema: Schema) -> dict[str, InvalidValue]:
    """Return the fault of rules that read what the schema does not have: they would never hold."""
    for rule in policy.rule.rules:
        if unknown := unknown_columns(rule, schema):
            names = ", ".join(map(repr, unknown))
            detail = f"The rule {rule.code!r} reads {names}, which the schema has not, or not in this kind."
            return {"rules": InvalidValue("invalid", f"{detail} Change or remove the rule.")}
    return {}


def _probability_faults(policy: Policy) -> dict[str, InvalidValue]:
    """Return the faults of numbers that are not probabilities. Only the ends of the band may be missing."""
    faults = {}
    for name in PROBABILITY_FIELDS:
        value = getattr(policy, name)
        is_missing_end = value is None and name != "threshold"
        if not (is_missing_end or _is_probability(value)):
            detail = f"A probability from 0 to 1 is expected, not {show_value(value)}."
            faults[name] = InvalidValue("invalid", detail)
    return faults


def _is_probability(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value) and 0 <= value <= 1


def _band_faults(policy: Policy) -> dict[str, InvalidValue]:
    low, high, threshold = policy.refer_low, policy.refer_high, policy.threshold
    if (low is None) != (high is None):
        name = "refer_low" if low is None else "refer_high"
        return {name: InvalidValue("required", "Enter both ends of the refer band, or neither.")}
    if low is None or high is None or low <= threshold <= high > low:
        return {}
    detail = (
        f"The refer band ({exact_percent_text(low)}% to {exact_percent_text(high)}%) "
        f"must contain the threshold ({exact_percent_text(threshold)}%)."
    )
    return {"refer_low": InvalidValue("invalid", detail)}


def policy_numbers(policy: Policy) -> dict[str, Any]:
    """Return the numbers and rules of a policy by the names of their fields."""
    return {name: getattr(policy, name) for name in NUMBER_FIELDS}


def recorded_numbers(policy: Policy) -> dict[str, Any]:
    """Return the numbers and rules of a policy as the audit log records them: rules as they were written."""
    return policy_numbers(policy) | {"rules": rules_to_facts(policy.rule.rules)}


def _refuse_unchanged(policy: Policy, previous: Policy) -> None:
    if policy_numbers(policy) == policy_numbers(previous):
        detail = f"These numbers are already in force ({previous})."
        raise InvalidFields({"threshold": InvalidValue("unchanged", detail)})


def _check_reason(reason: object) -> None:
    try:
        checked_reason(reason)
    except InvalidValue as error:
        raise InvalidFields({"reason": error}) from None
