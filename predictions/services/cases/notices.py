"""Denial notices. Each saved text is a row of its own, so that earlier texts are kept."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ml.errors import InvalidValue
from predictions.errors import Conflict, InvalidFields
from predictions.models import Decision, Notice, Prediction
from predictions.models.querysets import AnyUser
from predictions.services.cases.claims import lock_newest
from predictions.services.writing import audit
from predictions.words.written import NOTICE_LENGTH, checked_note


def save_notice(
    *, prediction: Prediction, by: AnyUser, text: str, after: int, now: datetime | None = None
) -> Notice:
    """Save a text of the notice. If the newest saved text is the same, return it instead.

    `after` is the id of the newest notice that the person saw, 0 if there was none.

    Raises
    ------
    InvalidFields
        If the text is empty or has characters that cannot be printed.
    OutdatedPrediction
        If the application was scored again.
    Conflict
        If the newest decision is not a denial, or another person has saved a text since.
    """
    text = _check_text(text)
    with transaction.atomic():
        lock_newest(prediction)
        require_denial(prediction)
        newest = prediction.notices.select_related("by").first()
        if newest and newest.text == text:
            return newest
        _refuse_if_saved_since(newest, after)
        facts = {"prediction": prediction, "by_id": by.pk, "at": now or timezone.now()}
        notice = Notice.objects.create(**facts, text=text)
        detail = {"prediction": prediction.pk, "notice": notice.pk}
        audit.record(by=by, action="notice", detail=detail, now=notice.at)
    return notice


def require_denial(prediction: Prediction) -> Decision:
    """Return the newest decision if it is a denial. Raises `Conflict` otherwise."""
    decision = prediction.decisions.select_related("by").first()
    if decision is None:
        raise Conflict("This application is not decided. A notice can be written after a denial.")
    if decision.verdict != Decision.Verdict.DENIED:
        name = decision.by.get_username()
        raise Conflict(f"{name} approved this application. Only denials have a notice.")
    return decision


def _check_text(text: object) -> str:
    try:
        checked = checked_note(text, NOTICE_LENGTH)
        if not checked:
            raise InvalidValue("required", "The notice needs a text.")
    except InvalidValue as error:
        raise InvalidFields({"text": error}) from None
    return checked


def _refuse_if_saved_since(newest: Notice | None, after: int) -> None:
    if newest and newest.pk != after:
        name = newest.by.get_username()
        raise Conflict(f"{name} saved another text meanwhile (below). Save again to replace it.")
