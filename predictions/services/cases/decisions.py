"""Decisions: what a person decides on an application, with or against the model's advice."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from predictions.errors import Conflict, SecondPersonNeeded
from predictions.models import ApplicationEvent, Decision, Policy, Prediction, Proposal
from predictions.models.querysets import AnyUser
from predictions.services.cases import holds
from predictions.services.cases.decision_checks import CheckedDecision, check_decision
from predictions.services.queue import claims
from predictions.services.queue.claims import lock_newest
from predictions.services.writing import audit


class SecondPerson(NamedTuple):
    """Who confirmed a decision, and the limits for which it was confirmed."""

    person: AnyUser
    limits: list[str]


def decide(
    *,
    prediction: Prediction,
    by: AnyUser,
    verdict: str,
    code: str = "",
    note: str = "",
    applicant_text: str = "",
    terms: object = None,
    after: int | None = None,
    second: SecondPerson | None = None,
    now: datetime | None = None,
) -> Decision:
    """Store a decision on the newest prediction of an application. Earlier decisions stay as they are.

    Parameters
    ----------
    code
        The name of an offered decision code: why a decision is against the advice, or denies.
    note
        A text for colleagues.
    applicant_text
        A text for the applicant, which begins the denial notice.
    terms
        Another amount or term that is approved in place of the one asked for, by column.
    after
        The id of the newest decision that the person saw, 0 if there was none. Without it the decision is
        stored whatever was decided before.
    second
        Who confirmed the decision, which the policy in force may ask for.

    Returns
    -------
    Decision
        The new decision, or the newest one if the same person has just decided the same.

    Raises
    ------
    InvalidFields
        If a value is invalid, or a decision against the advice lacks its code or note.
    OutdatedPrediction
        If the application was scored again.
    Conflict
        If the application is withdrawn, if another person has claimed the case or has decided it since, or
        if the policy in force no longer asks for what the second person confirmed.
    SecondPersonNeeded
        If the policy in force asks for a second person, and nobody confirmed the decision.
    """
    with transaction.atomic():
        lock_newest(prediction)
        _refuse_if_withdrawn(prediction)
        requested = check_decision(
            prediction=prediction,
            verdict=verdict,
            code=code,
            note=note,
            applicant_text=applicant_text,
            terms=terms,
        )
        newest = prediction.decisions.select_related("by").first()
        if newest and _repeats(newest, requested, by, after):
            return newest
        _refuse_if_decided_since(newest, after)
        _check_limits(prediction, requested, second)
        if second is None:
            claims.require_no_other_claim(prediction=prediction, by=by)
        facts = {"prediction": prediction, "by_id": by.pk, "at": now or timezone.now()}
        facts |= {"confirmed_by_id": second.person.pk if second else None}
        decision = Decision.objects.create(**facts, **requested._asdict())
        claims.end_claim(prediction=prediction, by=by, now=decision.at)
        holds.end_open_hold(prediction=prediction, by=by, now=decision.at)
        claims.end_waiting(prediction)
        _close_proposals(decision)
        _record(decision, by)
    return decision


def limits_of_decision(prediction: Prediction, requested: CheckedDecision) -> list[str]:
    """Return the fields of the policy in force for which a decision needs a second person.

    An amount that nobody entered may be above the limit.
    """
    policy, limits = Policy.objects.of_product(prediction.product_key).newest(), []
    if policy.limit_amount is not None and requested.verdict == Decision.Verdict.APPROVED:
        amount = _approved_amount(prediction, requested)
        if amount is None or amount > policy.limit_amount:
            limits.append("limit_amount")
    if policy.second_for_overrides and requested.override:
        limits.append("second_for_overrides")
    return limits


def _approved_amount(prediction: Prediction, requested: CheckedDecision) -> float | None:
    """Return the amount that is approved, None if it is unknown; 0 where the schema has no amount."""
    column = prediction.schema.amount
    if column is None:
        return 0.0
    amount = (prediction.inputs | (requested.terms or {}))[column]
    return None if amount is None else float(amount)


def _check_limits(prediction: Prediction, requested: CheckedDecision, second: SecondPerson | None) -> None:
    limits = limits_of_decision(prediction, requested)
    if limits and second is None:
        raise SecondPersonNeeded("This decision", limits)
    if second is not None and limits != second.limits:
        raise Conflict("The policy changed since this was proposed. Decide again.")


def _repeats(newest: Decision, requested: CheckedDecision, by: AnyUser, after: int | None) -> bool:
    """Return True if `by` has just decided the same: a second click, or a call that was sent again.

    A person who saw the newest decision (`after`) and decides the same again means a new decision.
    """
    is_same = all(getattr(newest, name) == value for name, value in requested._asdict().items())
    return is_same and newest.by_id == by.pk and newest.pk != after


def _refuse_if_withdrawn(prediction: Prediction) -> None:
    if prediction.events.filter(kind=ApplicationEvent.Kind.WITHDRAWN).exists():
        raise Conflict("This application is withdrawn. Score it again to decide it.")


def _refuse_if_decided_since(newest: Decision | None, after: int | None) -> None:
    if newest and after is not None and newest.pk != after:
        raise Conflict(
            f"{newest.by.get_username()} {newest.verdict} this application meanwhile. "
            "Read that decision; to replace it, decide again."
        )


def _close_proposals(decision: Decision) -> None:
    """Mark the open proposals to decide the application as outdated."""
    proposals = Proposal.objects.of_application(*decision.prediction.application)
    proposals.filter(kind=Proposal.Kind.DECISION).outdate(decision.at)


def _record(decision: Decision, by: AnyUser) -> None:
    detail = {
        "prediction": decision.prediction_id,
        "verdict": decision.verdict,
        "override": decision.override,
        "code": decision.code,
        **({"terms": decision.terms} if decision.terms else {}),
        **({"confirmed_by": decision.confirmed_by_id} if decision.confirmed_by_id else {}),
    }
    audit.record(by=by, action="decision", detail=detail, now=decision.at)
