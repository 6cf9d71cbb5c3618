"""Decisions: what a person decides on an application, with or against the model's advice."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from ml.applications.values import show_value
from ml.errors import InvalidValue
from predictions.errors import Conflict, InvalidFields
from predictions.models import Decision, Prediction
from predictions.models.querysets import AnyUser
from predictions.services.cases import claims, holds
from predictions.services.cases.claims import lock_newest
from predictions.services.cases.codes import check_code
from predictions.services.writing import audit
from predictions.words.written import checked_note

VERDICTS = Decision.Verdict.values
LEAST_NOTE, LEAST_WORDS = 10, 2  # characters and words of a note that a decision needs


class CheckedDecision(NamedTuple):
    """The checked fields of a decision, by their names in `Decision`."""

    verdict: str
    override: bool
    code: str
    note: str
    applicant_text: str


def decide(
    *,
    prediction: Prediction,
    by: AnyUser,
    verdict: str,
    code: str = "",
    note: str = "",
    applicant_text: str = "",
    after: int | None = None,
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
    after
        The id of the newest decision that the person saw, 0 if there was none. Without it the decision is
        stored whatever was decided before.

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
        If another person has claimed the case, or has decided it since.
    """
    with transaction.atomic():
        lock_newest(prediction)
        requested = _check(prediction, verdict, code, note, applicant_text)
        newest = prediction.decisions.select_related("by").first()
        if newest and _repeats(newest, requested, by, after):
            return newest
        claims.require_no_other_claim(prediction=prediction, by=by)
        _refuse_if_decided_since(newest, after)
        facts = {"prediction": prediction, "by_id": by.pk, "at": now or timezone.now()}
        decision = Decision.objects.create(**facts, **requested._asdict())
        claims.end_claim(prediction=prediction, by=by, now=decision.at)
        holds.end_open_hold(prediction=prediction, by=by, now=decision.at)
        claims.end_waiting(prediction)
        _record(decision, by)
    return decision


def is_override(prediction: Prediction, verdict: str) -> bool:
    """Return True if a verdict differs from the threshold's, which is also the advice on referred cases."""
    return (verdict == Decision.Verdict.APPROVED) != prediction.approved


def _check(
    prediction: Prediction, verdict: object, code: object, note: object, applicant_text: object
) -> CheckedDecision:
    """Return the checked fields. Raises `InvalidFields`."""
    faults: dict[str, InvalidValue] = {}
    if verdict not in VERDICTS:
        faults["verdict"] = _not_a_choice(verdict, VERDICTS)
    override = "verdict" not in faults and is_override(prediction, str(verdict))
    checked = _check_text("note", note, faults), _check_text("applicant_text", applicant_text, faults)
    try:
        kept = check_code(code, override=override, denied=verdict == Decision.Verdict.DENIED)
        needs_note = override or (kept is not None and kept.needs_note)
    except InvalidValue as error:
        faults["code"], needs_note = error, override
    if needs_note and "note" not in faults and (fault := _note_fault(checked[0], override)):
        faults["note"] = fault
    if faults:
        raise InvalidFields(faults)
    return CheckedDecision(str(verdict), override, str(code), *checked)


def _note_fault(note: str, override: bool) -> InvalidValue | None:
    """Return what is wrong with a note that must say why; None if nothing is."""
    expected = f"at least {LEAST_WORDS} words and {LEAST_NOTE} characters, such as what you saw or were told"
    if note == "":
        subject = "A decision against the model's advice" if override else "A decision with this code"
        return InvalidValue("required", f"{subject} needs a note that says why: {expected}.")
    if len(note) < LEAST_NOTE or len(note.split()) < LEAST_WORDS:
        return InvalidValue("says_nothing", f"{show_value(note)} does not say why. Expected: {expected}.")
    return None


def _check_text(name: str, text: object, faults: dict[str, InvalidValue]) -> str:
    """Return a checked text, or add its fault to `faults`."""
    try:
        return checked_note(text)
    except InvalidValue as error:
        faults[name] = error
        return ""


def _not_a_choice(value: object, choices: list[str]) -> InvalidValue:
    if value == "" or value is None:
        return InvalidValue("required", f"One of {', '.join(choices)} is expected.")
    return InvalidValue("invalid_choice", f"{show_value(value)} is not one of {', '.join(choices)}.")


def _repeats(newest: Decision, requested: CheckedDecision, by: AnyUser, after: int | None) -> bool:
    """Return True if `by` has just decided the same: a second click, or a call that was sent again.

    A person who saw the newest decision (`after`) and decides the same again means a new decision.
    """
    is_same = all(getattr(newest, name) == value for name, value in requested._asdict().items())
    return is_same and newest.by_id == by.pk and newest.pk != after


def _refuse_if_decided_since(newest: Decision | None, after: int | None) -> None:
    if newest and after is not None and newest.pk != after:
        raise Conflict(
            f"{newest.by.get_username()} {newest.verdict} this application meanwhile. "
            "Read that decision; to replace it, decide again."
        )


def _record(decision: Decision, by: AnyUser) -> None:
    detail = {
        "prediction": decision.prediction_id,
        "verdict": decision.verdict,
        "override": decision.override,
        "code": decision.code,
    }
    audit.record(by=by, action="decision", detail=detail, now=decision.at)
