"""The events of an application, which have no table of their own."""

from datetime import datetime

from predictions.models import ApplicationEvent, Prediction
from predictions.models.querysets import AnyUser


def add_event(
    prediction: Prediction,
    kind: ApplicationEvent.Kind,
    text: str,
    by: AnyUser,
    at: datetime,
    *,
    detail: dict[str, object] | None = None,
) -> ApplicationEvent:
    """Store an event of the newest prediction of an application, in the caller's transaction."""
    event = ApplicationEvent(prediction=prediction, kind=kind, text=text, at=at, detail=detail)
    event.by_id = by.pk or 0
    event.save(force_insert=True)
    return event
