"""The text of a denial notice: each save is a row of its own, so that edits are kept."""

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
    """Keep a text; what was kept before stays beside it. The newest text again is no edit, nor a conflict.

    `after` is the notice that the person saw as the newest one, 0 for none.

    Raises
    ------
    BadFields
        When there is no text, or it cannot be printed.
    Outdated
        When the application was scored again.
    Conflict
        When no person has denied the application, or somebody else saved a text since.
    """
    text = _checked(text)
    with transaction.atomic():
        lock_newest(prediction)
        require_denial(prediction)
        newest: Notice | None = prediction.notices.select_related("by").first()
        if newest and newest.text == text:
            return newest
        _refuse_late(newest, after)
        facts = {"prediction": prediction, "by_id": by.pk, "at": now or timezone.now()}
        notice: Notice = Notice.objects.create(**facts, text=text)
        detail = {"prediction": prediction.pk, "notice": notice.pk}
        audit.record(by=by, action="notice", detail=detail, now=notice.at)
    return notice


def require_denial(prediction: Prediction) -> Decision:
    """Return the decision that a notice tells of; raises `Conflict` when none denies."""
    decision: Decision | None = prediction.decisions.select_related("by").first()
    if decision is None:
        raise Conflict("Nobody has decided this application. Decide first; the notice follows a denial.")
    if decision.verdict != Decision.Verdict.DENIED:
        who = decision.by.get_username()
        raise Conflict(f"{who} has approved this application. A notice is for one that is denied.")
    return decision


def _checked(text: object) -> str:
    try:
        checked = checked_note(text, NOTICE_LENGTH)
        if not checked:
            raise InvalidValue("required", "The notice needs a text.")
    except InvalidValue as error:
        raise InvalidFields({"text": error}) from None
    return checked


def _refuse_late(newest: Notice | None, after: int) -> None:
    if newest and newest.pk != after:
        raise Conflict(
            f"{newest.by.get_username()} saved another text in the meantime. "
            "Look at that one below, then save yours again if it should take its place."
        )
