"""Proposals: what one account wants and another one must confirm. Shared by all kinds.

`proposals` in `services.cases`, `services.policies` and `services.versions` make proposals and carry them
out.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from ml.errors import InvalidValue
from predictions.errors import Conflict, InvalidFields
from predictions.models import Prediction, Proposal
from predictions.models.querysets import AnyUser
from predictions.roles import ACTIVATE, ADOPT, CONFIRM
from predictions.services.accounts import accounts_with
from predictions.services.writing import audit
from predictions.words.written import checked_note

# Who may answer a proposal of a kind.
RIGHT_TO_ANSWER = {
    Proposal.Kind.DECISION.value: CONFIRM,
    Proposal.Kind.POLICY.value: ADOPT,
    Proposal.Kind.ACTIVATION.value: ACTIVATE,
}
Result = TypeVar("Result")


def propose(
    *,
    kind: Proposal.Kind,
    product_id: int,
    content: dict[str, object],
    limits: Sequence[str],
    by: AnyUser,
    prediction: Prediction | None = None,
    now: datetime | None = None,
) -> Proposal:
    """Store a proposal, or return the open one of the same user with the same content."""
    with transaction.atomic():
        of_user = (
            Proposal.objects.of_product(product_id)
            .filter(kind=kind, by_id=by.pk, prediction=prediction)
            .open()
        )
        for proposal in of_user:
            if proposal.content == content:
                return proposal
        facts = {"kind": kind, "product_id": product_id, "content": content, "limits": list(limits)}
        proposal = Proposal(**facts, prediction=prediction, at=now or timezone.now())
        proposal.by_id = by.pk or 0
        proposal.save(force_insert=True)
        _record(proposal, by, "proposed", proposal.at)
    return proposal


def others_may_confirm(proposal: Proposal) -> bool:
    """Return whether another account than the proposer's has the right to confirm a proposal."""
    return others_have(RIGHT_TO_ANSWER[proposal.kind], proposal.by_id)


def others_have(right: str, account: int) -> bool:
    """Return whether an account other than the one with this key has a right."""
    return accounts_with(right).exclude(pk=account).exists()


def confirm(
    *,
    proposal: Proposal,
    by: AnyUser,
    carry_out: Callable[[], Result],
    result: Callable[[], Result | None],
    first: Callable[[], None] | None = None,
    now: datetime | None = None,
) -> Result:
    """Confirm a proposal and carry it out, both or neither. Confirming it twice is confirming it once.

    Parameters
    ----------
    result
        Returns what confirming the proposal has made; None if something else has replaced it since.
    first
        Called before anything else in the same transaction, to take the locks of `carry_out`: all that
        writes takes locks in one order.

    Raises
    ------
    Conflict
        If `by` made the proposal, or if it was answered otherwise or by another person. If `first`
        or `carry_out` raises `Conflict`, the proposal is outdated from then on.
    """
    if proposal.by_id == by.pk:
        raise Conflict("You proposed this. Another account must confirm it.")
    try:
        with transaction.atomic():
            if first:
                first()
            if _answer(proposal, by, Proposal.Answer.CONFIRMED, "", now):
                return carry_out()
            made = result()
            if made is None:
                raise _answered(proposal)
            return made
    except _Answered:
        raise
    except Conflict:
        Proposal.objects.filter(pk=proposal.pk).outdate(now or timezone.now())
        raise


def refuse(*, proposal: Proposal, by: AnyUser, text: object, now: datetime | None = None) -> Proposal:
    """Refuse a proposal with a reason.

    Raises
    ------
    InvalidFields
        If the reason is missing or invalid.
    Conflict
        If `by` made the proposal, which the proposer takes back instead, or if it was answered otherwise or
        by another person.
    """
    if proposal.by_id == by.pk:
        raise Conflict("You proposed this. Take it back instead.")
    reason = _checked_text(text)
    with transaction.atomic():
        _answer(proposal, by, Proposal.Answer.REFUSED, reason, now)
    return proposal


def take_back(*, proposal: Proposal, by: AnyUser, now: datetime | None = None) -> Proposal:
    """Take back an own proposal. Raises `Conflict` if it is another's, or was answered by another."""
    if proposal.by_id != by.pk:
        raise Conflict("Another person proposed this. Confirm it or refuse it.")
    with transaction.atomic():
        _answer(proposal, by, Proposal.Answer.TAKEN_BACK, "", now)
    return proposal


class _Answered(Conflict):
    """Somebody answered the proposal first."""


def _answer(
    proposal: Proposal, by: AnyUser, answer: Proposal.Answer, text: str, now: datetime | None
) -> bool:
    """Store the answer. Return False if the same person has answered the same before: a second click.

    Of two answers at the same time, the first one counts.
    """
    said = {"answer": answer, "answered_by_id": by.pk, "answer_text": text}
    changed = Proposal.objects.open().filter(pk=proposal.pk)
    is_first = bool(changed.update(**said, answered_at=now or timezone.now()))
    proposal.refresh_from_db()
    if is_first:
        _record(proposal, by, answer.value, proposal.answered_at)
    elif any(getattr(proposal, name) != value for name, value in said.items()):
        raise _answered(proposal)
    return is_first


def _answered(proposal: Proposal) -> _Answered:
    return _Answered(f"This proposal was {_PAST[proposal.answer]} meanwhile. Nothing was changed.")


_PAST = {
    Proposal.Answer.CONFIRMED.value: "confirmed",
    Proposal.Answer.REFUSED.value: "refused",
    Proposal.Answer.TAKEN_BACK.value: "taken back",
    Proposal.Answer.OUTDATED.value: "outdated by another change",
}


def _checked_text(text: object) -> str:
    """Return the reason of a refusal. Raises `InvalidFields`."""
    try:
        checked = checked_note(text)
        if not checked:
            raise InvalidValue("required", "A reason is expected.")
    except InvalidValue as error:
        raise InvalidFields({"text": error}) from None
    return checked


def _record(proposal: Proposal, by: AnyUser, what: str, at: datetime | None) -> None:
    detail: dict[str, object] = {"proposal": proposal.pk, "limits": proposal.limits}
    if what == "proposed":
        detail["content"] = proposal.content
    if proposal.answer_text:
        detail["text"] = proposal.answer_text
    audit.record(by=by, action=f"{proposal.kind} proposal {what}", detail=detail, now=at)
