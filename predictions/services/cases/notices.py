"""Letters: denial notices and offers of other terms. Each saved text is a row; earlier ones are kept."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ml.errors import InvalidValue
from predictions.errors import Conflict, InvalidFields
from predictions.models import Decision, Notice, Policy, Prediction
from predictions.models.querysets import AnyUser
from predictions.services.queue.claims import lock_newest
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
        If the newest decision has no letter, or another person has saved a text since.
    """
    text = _check_text(text)
    with transaction.atomic():
        lock_newest(prediction)
        require_letter(prediction)
        newest = prediction.notices.select_related("by").first()
        if newest and newest.text == text:
            return newest
        _refuse_if_saved_since(newest, after)
        facts = {"prediction": prediction, "by_id": by.pk, "at": now or timezone.now()}
        notice = Notice.objects.create(**facts, text=text)
        detail = {"prediction": prediction.pk, "notice": notice.pk}
        audit.record(by=by, action="notice", detail=detail, now=notice.at)
    return notice


def confirm_notice(*, prediction: Prediction, by: AnyUser, seen: int, now: datetime | None = None) -> Notice:
    """Confirm the newest saved text, so that it may be printed. Confirming it twice is confirming it once.

    `seen` is the id of the text that the person read.

    Raises
    ------
    OutdatedPrediction
        If the application was scored again.
    Conflict
        If the newest decision has no letter, if there is a newer text, if `by` saved the text, or if
        another person has confirmed it.
    """
    with transaction.atomic():
        lock_newest(prediction)
        decision = require_letter(prediction)
        notice = prediction.notices.select_related("by", "confirmed_by").first()
        if notice is None:
            raise Conflict("No text of this letter is saved yet.")
        if notice.pk != seen:
            raise Conflict("Another text was saved meanwhile (below). Read it before you confirm it.")
        if notice.by_id == by.pk:
            raise Conflict("You saved this text. Another person must confirm it.")
        if not is_confirmed(notice, decision):
            notice.confirmed_by_id, notice.confirmed_at = by.pk, now or timezone.now()
            notice.save(update_fields=["confirmed_by", "confirmed_at"])
            detail = {"prediction": prediction.pk, "notice": notice.pk}
            audit.record(by=by, action="notice confirmed", detail=detail, now=notice.confirmed_at)
        elif notice.confirmed_by and notice.confirmed_by_id != by.pk:
            raise Conflict(f"{notice.confirmed_by.get_username()} confirmed this text meanwhile.")
    return notice


def needs_second_person(prediction: Prediction) -> bool:
    """Return True if the policy in force asks for a second person before a notice is printed."""
    return Policy.objects.of_product(prediction.product_key).newest().second_for_letters


def is_confirmed(notice: Notice, decision: Decision) -> bool:
    """Return True if a second person has confirmed the text since the newest decision."""
    return notice.confirmed_at is not None and notice.confirmed_at >= decision.at


def require_printable(prediction: Prediction) -> Notice:
    """Return the newest saved text if it may be printed. Raises `Conflict` otherwise."""
    decision = require_letter(prediction)
    notice = prediction.notices.select_related("by").first()
    if notice is None:
        raise Conflict("Save the letter before printing: only saved text is printed.")
    if not is_confirmed(notice, decision) and needs_second_person(prediction):
        name = notice.by.get_username()
        raise Conflict(f"{name} saved this letter; another person must confirm it before it is printed.")
    return notice


def require_letter(prediction: Prediction) -> Decision:
    """Return the newest decision if it has a letter: a denial or other terms. Raises `Conflict` otherwise."""
    decision = prediction.decisions.select_related("by").first()
    if decision is None:
        raise Conflict(
            "This application is not decided. "
            "A letter can be written after a denial or an approval of other terms."
        )
    if not decision.letter:
        name = decision.by.get_username()
        raise Conflict(
            f"{name} approved this application. Only a denial or an approval of other terms has a letter."
        )
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
