"""Holds: the applicant was asked for something, and the case waits for the answer until a day.

After its last day a case comes back by itself: that it is on hold is worked out from that day.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date

from ml.applications.values import show_value
from ml.errors import InvalidValue
from predictions.errors import Conflict, InvalidFields
from predictions.models import Hold, Prediction
from predictions.models.querysets import AnyUser
from predictions.services.queue import claims
from predictions.services.queue import entries as queue_entries
from predictions.services.queue.claims import lock_newest
from predictions.services.writing import audit
from predictions.words.times import site_date
from predictions.words.written import HOLD_LENGTH, add_faults, checked_words

LONGEST = timedelta(days=180)


def put_on_hold(
    *, prediction: Prediction, by: AnyUser, asked: object, until: object, now: datetime | None = None
) -> Hold:
    """Put a waiting case on hold, or return the hold that `by` has just made with the same values.

    Parameters
    ----------
    asked
        What the applicant was asked for.
    until
        The last day of the hold, as a date or as text such as ``"2026-01-31"``.

    Raises
    ------
    InvalidFields
        If the text is missing or invalid, or the day is not today or one of the next 180.
    OutdatedPrediction
        If the application was scored again.
    Conflict
        If the case does not wait, is on hold, or another person has claimed it.
    """
    now = now or timezone.now()
    today = site_date(now)
    text, day = _checked(asked, until, today)
    with transaction.atomic():
        lock_newest(prediction)
        claims.require_waiting(prediction)
        claims.require_no_other_claim(prediction=prediction, by=by)
        hold = _open_hold(prediction, today)
        if hold and (hold.asked, hold.until, hold.by_id) == (text, day, by.pk):
            return hold
        if hold:
            raise Conflict(f"This case is on hold until {hold.until}. End that hold first.")
        hold = Hold(prediction=prediction, asked=text, until=day, at=now)
        hold.by_id = by.pk or 0
        hold.save(force_insert=True)
        queue_entries.entry_of(prediction).update(held_until=day)
        audit.record(by=by, action="hold", detail=_detail(hold) | {"until": day.isoformat()}, now=now)
    return hold


def end_hold(*, prediction: Prediction, by: AnyUser, now: datetime | None = None) -> None:
    """End the hold of a case before its last day. Ending it a second time changes nothing.

    Raises
    ------
    OutdatedPrediction
        If the application was scored again.
    Conflict
        If the case was never on hold, or another person has claimed it.
    """
    now = now or timezone.now()
    with transaction.atomic():
        lock_newest(prediction)
        claims.require_no_other_claim(prediction=prediction, by=by)
        if hold := end_open_hold(prediction=prediction, by=by, now=now):
            audit.record(by=by, action="hold ended", detail=_detail(hold), now=now)
        elif not Hold.objects.of_application(*prediction.application).filter(ended_by=by.pk).exists():
            raise Conflict("This case is not on hold.")


def end_open_hold(*, prediction: Prediction, by: AnyUser, now: datetime) -> Hold | None:
    """End the open hold of an application and return it, in the caller's transaction."""
    hold = _open_hold(prediction, site_date(now))
    if hold:
        Hold.objects.filter(pk=hold.pk).update(ended_at=now, ended_by_id=by.pk)
        queue_entries.entry_of(prediction).update(held_until=None)
    return hold


def _open_hold(prediction: Prediction, today: date) -> Hold | None:
    return Hold.objects.of_application(*prediction.application).open_on(today).first()


def _detail(hold: Hold) -> dict[str, object]:
    return {"prediction": hold.prediction_id, "hold": hold.pk}


def _checked(asked: object, until: object, today: date) -> tuple[str, date]:
    """Return the checked fields. Raises `InvalidFields`."""
    faults: dict[str, InvalidValue] = {}
    text = day = None
    with add_faults(faults, "asked"):
        text = checked_words(asked, HOLD_LENGTH)
    with add_faults(faults, "until"):
        day = _checked_day(until, today)
    if text is None or day is None:
        raise InvalidFields(faults)
    return text, day


def _checked_day(until: object, today: date) -> date:
    """Return the last day of a hold. Raises `InvalidValue`."""
    day = until if isinstance(until, date) else _read_day(until)
    if not today <= day <= today + LONGEST:
        expected = f"{today} to {today + LONGEST}, {LONGEST.days} days at most"
        raise InvalidValue("invalid", f"{day} cannot be the last day. Expected: {expected}.")
    return day


def _read_day(text: object) -> date:
    if text in ("", None):
        raise InvalidValue("required", "A day is expected, such as 2026-01-31.")
    try:
        day = parse_date(text) if isinstance(text, str) else None
    except ValueError:
        day = None
    if day is None:
        raise InvalidValue("invalid", f"{show_value(text)} is not a day; expected one such as 2026-01-31.")
    return day
