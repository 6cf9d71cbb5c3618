"""A person's decision beside the model's advice."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ml.applications.values import show_value
from ml.errors import InvalidValue
from predictions.errors import Conflict, InvalidFields
from predictions.models import Decision, Prediction, Referral
from predictions.models.querysets import AnyUser
from predictions.services.cases import claims
from predictions.services.cases.claims import lock_newest
from predictions.services.writing import audit
from predictions.words.written import checked_note

VERDICTS, CODES = Decision.Verdict.values, Decision.Code.values


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
    """Record a decision on the newest prediction of an application; an earlier decision stays as it was.

    `note` is for colleagues, `applicant_text` for the applicant. `after` is the decision that the person saw
    as the newest one, 0 for none; not given, any will do. Who repeats a decision gets the one on record.

    Raises
    ------
    BadFields
        When a value is none of its field, or a decision against the advice lacks its code or note.
    Outdated
        When the application was scored again.
    Conflict
        When somebody else has claimed the case, or decided since.
    """
    said = {"verdict": verdict, "code": code, "note": note, "applicant_text": applicant_text}
    with transaction.atomic():
        lock_newest(prediction)
        wish = _checked(prediction, said)
        newest = prediction.decisions.select_related("by").first()
        if newest and _repeats(newest, wish, by, after):
            return newest
        claims.require_no_other_claim(prediction=prediction, by=by)
        _refuse_late(newest, after)
        facts = {"prediction": prediction, "by_id": by.pk, "at": now or timezone.now()}
        decision = Decision.objects.create(**facts, **wish)
        claims.end_claim(prediction=prediction, by=by, now=decision.at)
        _end_waiting(prediction)
        _record(decision, by)
    return decision


def is_override(prediction: Prediction, verdict: str) -> bool:
    """Tell whether a decision differs from what the threshold says; that is the advice of a referred case."""
    return (verdict == Decision.Verdict.APPROVED) != prediction.approved


def _checked(prediction: Prediction, said: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the decision's fields."""
    faults: dict[str, InvalidValue] = {}
    verdict, code = said["verdict"], said["code"]
    if verdict not in VERDICTS:
        faults["verdict"] = _no_choice(verdict, VERDICTS)
    override = "verdict" not in faults and is_override(prediction, str(verdict))
    why = "A decision against the model's advice needs"
    if override and code == "":
        faults["code"] = InvalidValue("required", f"{why} a reason: one of {', '.join(CODES)}.")
    elif code not in ("", *CODES):
        faults["code"] = _no_choice(code, CODES)
    texts = {name: _text(name, said[name], faults) for name in ("note", "applicant_text")}
    if override and texts["note"] == "":
        faults["note"] = InvalidValue("required", f"{why} a note that says why.")
    if faults:
        raise InvalidFields(faults)
    return {"verdict": verdict, "override": override, "code": code} | texts


def _text(name: str, text: object, faults: dict[str, InvalidValue]) -> str | None:
    """Return a checked text, or none with its fault among `faults`."""
    try:
        return checked_note(text)
    except InvalidValue as error:
        faults[name] = error
        return None


def _no_choice(value: object, choices: list[str]) -> InvalidValue:
    if value == "" or value is None:
        return InvalidValue("required", f"One of {', '.join(choices)} is expected.")
    return InvalidValue("invalid_choice", f"{show_value(value)} is not one of {', '.join(choices)}.")


def _repeats(newest: Decision, wish: dict[str, Any], by: AnyUser, after: int | None) -> bool:
    """Tell whether this user has just decided the same: a second click, or a call that is sent again.

    Who saw that decision and decides the same once more means to.
    """
    same = all(getattr(newest, name) == value for name, value in wish.items())
    return same and newest.by_id == by.pk and newest.pk != after


def _refuse_late(newest: Decision | None, after: int | None) -> None:
    if newest and after is not None and newest.pk != after:
        raise Conflict(
            f"{newest.by.get_username()} has {newest.verdict} this application in the meantime. "
            "Look at that decision, then decide again if it should not stand."
        )


def _end_waiting(prediction: Prediction) -> None:
    """Delete the application's marks, but for one of a prediction that is stored at this very moment."""
    marks = Referral.objects.of_application(prediction.loan_id, prediction.owner_id)
    marks.filter(pk__lte=prediction.pk).delete()


def _record(decision: Decision, by: AnyUser) -> None:
    detail = {
        "prediction": decision.prediction_id,
        "verdict": decision.verdict,
        "override": decision.override,
        "code": decision.code,
    }
    audit.record(by=by, action="decision", detail=detail, now=decision.at)
