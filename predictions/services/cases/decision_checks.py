"""The checks of a decision's fields: verdict, code, note, words for the applicant, and other terms."""

from typing import Any, NamedTuple

from ml.applications.values import show_value
from ml.errors import InvalidValue
from predictions.errors import InvalidFields
from predictions.models import Decision, Prediction
from predictions.services.cases.codes import check_code
from predictions.services.cases.terms import CheckedTerms, check_terms
from predictions.words.written import checked_note

VERDICTS = Decision.Verdict.values
LEAST_NOTE, LEAST_WORDS = 10, 2  # characters and different words of a note that a decision needs


class CheckedDecision(NamedTuple):
    """The checked fields of a decision, by their names in `Decision`."""

    verdict: str
    override: bool
    code: str
    note: str
    applicant_text: str
    terms: dict[str, float] | None
    probability: float | None


def is_override(prediction: Prediction, verdict: str) -> bool:
    """Return True if a verdict differs from what a machine would do: approve, or not approve."""
    return (verdict == Decision.Verdict.APPROVED) != prediction.approved


def needs_code(prediction: Prediction, verdict: str) -> bool:
    """Return True if a verdict needs a code: an override, and a denial although the threshold is reached.

    A remark, a rule that refers or the limit keeps a machine from approving, but advises no denial.
    """
    denies_advised_approval = verdict == Decision.Verdict.DENIED and prediction.advises_approval
    return denies_advised_approval or is_override(prediction, verdict)


def check_decision(
    *,
    prediction: Prediction,
    verdict: object,
    code: object,
    note: object,
    applicant_text: object,
    terms: object,
) -> CheckedDecision:
    """Return the checked fields. Raises `InvalidFields`."""
    faults: dict[str, InvalidValue] = {}
    if verdict not in VERDICTS:
        faults["verdict"] = _not_a_choice(verdict, VERDICTS)
    other = _check_terms(prediction, verdict, terms, faults)
    override = not faults and (not other.approves if other else is_override(prediction, str(verdict)))
    checked = _check_text("note", note, faults), _check_text("applicant_text", applicant_text, faults)
    try:
        denied = verdict == Decision.Verdict.DENIED
        required = override or (denied and needs_code(prediction, str(verdict)))
        kept = check_code(code, override=override, denied=denied, required=required)
        needs_note = override or (kept is not None and kept.needs_note)
    except InvalidValue as error:
        faults["code"], needs_note = error, override
    if needs_note and "note" not in faults and (fault := _note_fault(checked[0], override)):
        faults["note"] = fault
    if faults:
        raise InvalidFields(faults)
    figures: Any = (other.values, other.probability) if other else (None, None)
    return CheckedDecision(str(verdict), override, str(code), *checked, *figures)


def _check_terms(
    prediction: Prediction, verdict: object, terms: object, faults: dict[str, InvalidValue]
) -> CheckedTerms | None:
    """Return the checked terms, None if there are none. Only an approval has other terms."""
    try:
        if terms and verdict == Decision.Verdict.DENIED:
            raise InvalidValue("invalid", "A denial has no terms; only an approval may have another amount.")
        return check_terms(prediction, terms)
    except InvalidValue as error:
        faults["terms"] = error
        return None


def _note_fault(note: str, override: bool) -> InvalidValue | None:
    """Return what is wrong with a note that must say why; None if nothing is."""
    least = f"at least {LEAST_WORDS} different words and {LEAST_NOTE} characters"
    expected = f"{least}, such as what you saw or were told"
    if note == "":
        subject = "A decision against the model's advice" if override else "A decision with this code"
        return InvalidValue("required", f"{subject} needs a note that says why: {expected}.")
    said = {word.casefold() for word in note.split() if any(map(str.isalnum, word))}
    if len(note) < LEAST_NOTE or len(said) < LEAST_WORDS:
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
