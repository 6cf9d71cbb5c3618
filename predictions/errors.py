"""What the site cannot do right now, in words that say how to mend it."""

from django.db import OperationalError


class Unavailable(Exception):
    """The request was fine; the site is not ready for it."""

    code = "unavailable"
    retry_after = 5

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NoActiveModel(Unavailable):
    code = "no_active_model"
    retry_after = 30

    def __init__(self) -> None:
        super().__init__("No model is active. An operator makes one with: python manage.py train --activate")


class ModelUnreadable(Unavailable):
    code = "model_unreadable"
    retry_after = 30


class Conflict(Exception):
    """Somebody else changed the same thing first."""


def as_unavailable(error: BaseException) -> Unavailable | None:
    """Return the error as one of ours when it means "not now"."""
    if isinstance(error, Unavailable):
        return error
    if isinstance(error, OperationalError):
        return Unavailable("The database cannot be used right now. Nothing was stored; please try again.")
    return None
