"""What the site cannot do right now, in words that say how to mend it."""

import logging
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError

from ml.errors import InvalidValue
from predictions.log_lines import cause_of

logger = logging.getLogger(__name__)


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
        super().__init__(
            "No model is active. An operator makes one with: python manage.py train --activate --data FILE"
        )


class ModelUnreadable(Unavailable):
    code = "model_unreadable"
    retry_after = 30


class ModelLoading(Unavailable):
    """Another call of this process looks for the model, which takes long."""

    code = "model_loading"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("The model is being loaded. Nothing was stored; please try again in a second.")


class TooManyLargeCalls(Unavailable):
    """Other large calls are being answered."""

    code = "busy"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__(
            "Other large calls are being answered. Nothing was stored; please send this one again."
        )


class TooManySignIns(Unavailable):
    """Other people are signing in."""

    code = "too_many_sign_ins"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("Many people sign in at this moment. Please try again in a second.")


class UnusableSource(Exception):
    """Applications cannot be read, or results not written, at the place that was named."""


class Conflict(Exception):
    """Somebody else changed the same thing first, or it is not in a state for this."""

    code = "conflict"


class OutdatedPrediction(Conflict):
    """A prediction is read-only since its application was scored again; `newest_id` is the one to work on."""

    code = "outdated"

    def __init__(self, pk: int, loan_id: str, newest_id: int) -> None:
        self.newest_id = newest_id
        super().__init__(
            f"Prediction {pk} is outdated and read-only: {loan_id} was scored again. "
            f"Prediction {newest_id} is the newest one."
        )


class InvalidFields(Exception):
    """Values that their fields do not take; `faults` says of each field what is wrong."""

    def __init__(self, faults: Mapping[str, InvalidValue]) -> None:
        super().__init__(" ".join(f"{name}: {fault.detail}" for name, fault in faults.items()))
        self.faults = faults


class FileTooLarge(Exception):
    """An upload has more bytes than `LOANSITE_MAX_FILE` lets it have."""

    def __init__(self) -> None:
        super().__init__(f"The file is larger than {settings.MAX_FILE:,} bytes (LOANSITE_MAX_FILE).")


class RetentionNotOver(Exception):
    """Somebody wants predictions deleted that must still be kept."""

    def __init__(self, before: date, latest: date, months: int) -> None:
        super().__init__(
            f"{before} is too late a day: predictions are kept for {months} months "
            f"(LOANSITE_RETENTION_MONTHS). Take {latest}, or an earlier day."
        )


class KeyInUse(Conflict):
    """Another call with the same Idempotency-Key is being answered."""

    code = "idempotency_key_in_use"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("A call with this Idempotency-Key is being answered; send it again in a moment.")


class KeyReused(Exception):
    """The Idempotency-Key was used for another call."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used with another address or body; take a new one.")


class NotCompared(Conflict):
    """The gate has not seen this candidate beside the active version."""

    code = "not_compared"


class GateRefused(Exception):
    """The gate refused a candidate; `verdict` says why."""

    code = "gate_refused"

    def __init__(self, verdict: dict[str, Any]) -> None:
        self.verdict = verdict
        why = [check["detail"] for check in verdict["checks"] if check["outcome"] == "refused"]
        super().__init__(f"The gate refuses this version. {' '.join(why)}")


_CANNOT = "The database cannot be used right now. Nothing was stored; please try again."
_TOO_SLOW = "The database needed too long for this. Nothing was stored; ask for less, or try again."
_UNCERTAIN = (
    "The database does not answer. Whether this was stored will show when it does: look before you send it "
    "again, or send it with an Idempotency-Key."
)
_STATEMENT_ENDED = "57014"  # PostgreSQL's code of a statement that took longer than it may


def as_unavailable(error: BaseException | None) -> Unavailable | None:
    """Return the error as one of ours when it means "not now", and write its cause to the log."""
    if not isinstance(error, Unavailable | OperationalError | InterfaceError):
        return None
    logger.warning("Unavailable: %s", cause_of(error.__cause__ or error))
    return error if isinstance(error, Unavailable) else _of_database(error)


def _of_database(error: BaseException) -> Unavailable:
    causes = [*_causes(error)]
    if any(getattr(cause, "uncertain", False) for cause in causes):
        return Unavailable(_UNCERTAIN)
    ended = any(getattr(cause, "sqlstate", None) == _STATEMENT_ENDED for cause in causes)
    return Unavailable(_TOO_SLOW if ended else _CANNOT)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those before it: after a commit without an answer, Django fails to connect anew."""
    while error:
        yield error
        error = error.__cause__ or error.__context__
