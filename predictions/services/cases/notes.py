"""Notes: what colleagues tell each other about an application. They never leave the site."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ml.errors import InvalidValue
from predictions.errors import InvalidFields
from predictions.models import ApplicationEvent, Prediction
from predictions.models.querysets import AnyUser
from predictions.services.cases.events import add_event
from predictions.services.queue.claims import lock_newest
from predictions.services.writing import audit
from predictions.words.written import checked_words


def add_note(
    *, prediction: Prediction, by: AnyUser, text: object, now: datetime | None = None
) -> ApplicationEvent:
    """Add a note, or return the newest event if it is the same note of the same person.

    Raises
    ------
    InvalidFields
        If the text is missing or invalid.
    OutdatedPrediction
        If the application was scored again.
    """
    try:
        checked = checked_words(text)
    except InvalidValue as error:
        raise InvalidFields({"text": error}) from None
    with transaction.atomic():
        lock_newest(prediction)
        newest = ApplicationEvent.objects.of_application(*prediction.application).first()
        is_note = newest is not None and newest.kind == ApplicationEvent.Kind.NOTE
        if newest and is_note and (newest.text, newest.by_id) == (checked, by.pk):
            return newest
        event = add_event(prediction, ApplicationEvent.Kind.NOTE, checked, by, now or timezone.now())
        detail = {"prediction": prediction.pk, "note": event.pk}
        audit.record(by=by, action="note", detail=detail, now=event.at)
    return event
