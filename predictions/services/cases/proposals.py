"""A decision that a second person must confirm: proposed by one account, stored when another confirms it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from predictions.errors import Conflict, InvalidFields, SecondPersonNeeded
from predictions.models import Decision, Prediction, Proposal
from predictions.models.querysets import AnyUser
from predictions.services import proposals
from predictions.services.cases.decisions import SecondPerson, decide
from predictions.services.queue import claims
from predictions.services.queue.claims import lock_newest


def decide_or_propose(
    *,
    prediction: Prediction,
    by: AnyUser,
    verdict: str,
    code: str = "",
    note: str = "",
    applicant_text: str = "",
    terms: object = None,
    after: int | None = None,
    now: datetime | None = None,
) -> Decision | Proposal:
    """Decide, or propose the decision if the policy in force asks for a second person.

    Parameters and errors are those of `decisions.decide`. A proposal leaves the case in the queue. An
    application has at most one open proposal.
    """
    wish = {"verdict": verdict, "code": code, "note": note, "applicant_text": applicant_text, "terms": terms}
    with transaction.atomic():
        lock_newest(prediction)
        try:
            return decide(prediction=prediction, by=by, **wish, after=after, now=now)  # type: ignore[arg-type]
        except SecondPersonNeeded as error:
            return _propose(prediction, by, wish, error.limits, now)


def confirm(*, proposal: Proposal, by: AnyUser, now: datetime | None = None) -> Decision:
    """Store a proposed decision. Raises `Conflict` as `proposals.confirm` does."""
    prediction, at = _prediction_of(proposal), now or timezone.now()

    def store() -> Decision:
        second = SecondPerson(by, proposal.limits)
        try:
            return decide(prediction=prediction, by=proposal.by, **proposal.content, second=second, now=at)
        except InvalidFields as error:
            raise Conflict(f"This decision is no longer possible as it was proposed. {error}") from None

    def stored() -> Decision | None:
        newest = prediction.decisions.select_related("by").first()
        was_stored = newest and (newest.confirmed_by_id, newest.at) == (by.pk, proposal.answered_at)
        return newest if was_stored else None

    return proposals.confirm(
        proposal=proposal,
        by=by,
        carry_out=store,
        result=stored,
        first=lambda: lock_newest(prediction),
        now=at,
    )


def _propose(
    prediction: Prediction, by: AnyUser, wish: dict[str, object], limits: list[str], now: datetime | None
) -> Proposal:
    claims.require_no_other_claim(prediction=prediction, by=by)
    newest = prediction.decisions.values_list("pk", flat=True).first()
    content = wish | {"after": newest or 0}
    _refuse_beside_another(prediction, by, content)
    return proposals.propose(
        kind=Proposal.Kind.DECISION,
        product_id=prediction.product_key,
        content=content,
        limits=limits,
        by=by,
        prediction=prediction,
        now=now,
    )


def _refuse_beside_another(prediction: Prediction, by: AnyUser, content: dict[str, object]) -> None:
    """Close what was proposed before the application was scored again, and refuse a second proposal."""
    of_application = Proposal.objects.of_application(*prediction.application).open()
    open_proposals = of_application.filter(kind=Proposal.Kind.DECISION)
    open_proposals.filter(prediction__lt=prediction.pk).outdate(timezone.now())
    other = open_proposals.select_related("by").first()
    if other is None or (other.by_id == by.pk and other.content == content):
        return
    if other.by_id == by.pk:
        raise Conflict("You proposed another decision on this application. Take it back first.")
    name = other.by.get_username()
    raise Conflict(f"{name} proposed a decision on this application meanwhile. Confirm or refuse it first.")


def _prediction_of(proposal: Proposal) -> Prediction:
    rows = Prediction.objects.select_related("policy", "model_version", "explanation")
    return rows.defer("model_version__report").get(pk=proposal.prediction_id or 0)
