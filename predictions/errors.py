"""Errors of the site. Their messages name what is wrong and what to do next."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypedDict

from django.conf import settings
from django.db import InterfaceError, OperationalError

from ml.applications.values import show_value
from ml.errors import InvalidValue
from predictions.log_lines import cause_of

logger = logging.getLogger(__name__)


class Unavailable(Exception):
    """The request was valid, but the site cannot answer it right now."""

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
            "No model is active. An operator trains one with: python manage.py train --activate --data FILE"
        )


class ModelUnreadable(Unavailable):
    code = "model_unreadable"
    retry_after = 30


class ModelLoading(Unavailable):
    """Another call of this process is loading the model, which takes seconds."""

    code = "model_loading"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("The model is being loaded. Nothing was saved. Try again in a second.")


class TooManyLargeCalls(Unavailable):
    """The server is answering as many large calls as it can at the same time."""

    code = "busy"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__(
            "The server is busy with other large calls. Nothing was saved. Send this call again."
        )


class TooManySignIns(Unavailable):
    """Other people are signing in."""

    code = "too_many_sign_ins"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("Many people sign in at this moment. Please try again in a second.")


class NoSuchProduct(Exception):
    """An address names a product that the site does not have."""

    code = "no_such_product"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no product {show_value(name)}.")


class ProductRetired(Exception):
    """A retired product takes no applications and no changes."""

    code = "product_retired"

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} is retired. Its history can be read; nothing can be added or changed.")


class UnusableSource(Exception):
    """A file, a database or a table cannot be used to read applications or to write results."""


class Conflict(Exception):
    """Another request changed the same object first, or the object's state does not allow the action."""

    code = "conflict"


class FormChanged(Conflict):
    """A version of another schema became active while an application was being sent."""

    code = "form_changed"

    def __init__(self) -> None:
        super().__init__(
            "The application form changed at this moment. Nothing was saved. "
            "Look at the form, and send again."
        )


class OutdatedPrediction(Conflict):
    """A prediction is read-only because its application was scored again as prediction `newest_id`."""

    code = "outdated"

    def __init__(self, pk: int, loan_id: str, newest_id: int) -> None:
        self.newest_id = newest_id
        super().__init__(
            f"Prediction {pk} is outdated: {loan_id} was scored again. Use prediction {newest_id}."
        )


class SecondPersonNeeded(Conflict):
    """The policy in force lets nobody do this alone; `limits` are the fields of it that ask for a second."""

    code = "second_person_needed"

    def __init__(self, what: str, limits: Sequence[str]) -> None:
        self.limits = list(limits)
        super().__init__(
            f"{what} needs a second person under the policy in force ({', '.join(self.limits)}). "
            "Propose it on its page or by API; another account confirms it there."
        )


class TakenId(NamedTuple):
    """The owner of an application, and its newest prediction for those who may see it."""

    owner: str
    newest_id: int | None

    @property
    def words(self) -> str:
        if self.newest_id is None:
            return "This Loan_ID belongs to another officer's application; a reviewer can open it"
        return f"It is {self.owner}'s application: open it"


class LoanIdTaken(Conflict):
    """Loan_IDs are of applications of other staff. Nothing was stored; `taken` has them by row."""

    code = "loan_id_taken"

    def __init__(self, taken: Mapping[int, TakenId]) -> None:
        self.taken = taken
        first = taken[min(taken)]
        self.newest_id = first.newest_id
        super().__init__(first.words)


class AlreadyScored(Conflict):
    """A form names an application whose newest prediction the page did not show."""

    code = "already_scored"

    def __init__(self, newest_id: int) -> None:
        self.newest_id = newest_id
        super().__init__("You have an application of this Loan ID already. Nothing was scored.")


class InvalidFields(Exception):
    """Some values are invalid; `faults` contains the error of each field by its name."""

    def __init__(self, faults: Mapping[str, InvalidValue]) -> None:
        super().__init__(" ".join(f"{name}: {fault.detail}" for name, fault in faults.items()))
        self.faults = faults


class FileTooLarge(Exception):
    """An upload is larger than `LOANSITE_MAX_FILE`."""

    def __init__(self) -> None:
        super().__init__(f"The file is larger than {settings.MAX_FILE:,} bytes (LOANSITE_MAX_FILE).")


class RetentionNotOver(Exception):
    """A prune would delete predictions that must still be kept."""

    def __init__(self, before: date, latest: date, months: int) -> None:
        super().__init__(
            f"--before {before} is too late: predictions are kept for {months} months "
            f"(LOANSITE_RETENTION_MONTHS). Use {latest} or earlier."
        )


class KeyInUse(Conflict):
    """Another call with the same Idempotency-Key has not been answered yet."""

    code = "idempotency_key_in_use"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("A call with this Idempotency-Key is being answered. Send this call again soon.")


class KeyReused(Exception):
    """The Idempotency-Key was used with another address or body."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another call. Use a new key.")


class NotCompared(Conflict):
    """The candidate has not been compared with the active version."""

    code = "not_compared"


class MeaningNotConfirmed(Conflict):
    """Nobody has confirmed what the good outcome of a version means."""

    code = "meaning_not_confirmed"

    def __init__(self, version_id: int, means: str) -> None:
        super().__init__(
            f"Nobody has confirmed what a good outcome of version {version_id} means: {show_value(means)}. "
            "Who activates it confirms that (--confirm-means, confirm_means)."
        )


class StoredCheck(TypedDict):
    """A check of the gate as it is stored. The outcome is passed, warning or refused."""

    name: str
    outcome: str
    detail: str


class StoredVerdict(TypedDict):
    """A verdict of the gate as it is stored (`ml.evaluation.gate_checks.GateVerdict.to_json`)."""

    refused: bool
    checks: list[StoredCheck]


class GateRefused(Exception):
    """The gate refused a candidate; `verdict` contains its checks."""

    code = "gate_refused"

    def __init__(self, verdict: StoredVerdict) -> None:
        self.verdict = verdict
        why = [check["detail"] for check in verdict["checks"] if check["outcome"] == "refused"]
        super().__init__(f"The gate refuses this version. {' '.join(why)}")


_DATABASE_DOWN = "The database cannot be used right now. Nothing was saved. Try again."
_TOO_SLOW = "The database took too long. Nothing was saved. Ask for fewer rows, or try again."
_UNCERTAIN = (
    "The database did not answer, so it is not known whether this was saved. Check before you send it again, "
    "or send it with an Idempotency-Key."
)
_QUERY_CANCELED = "57014"  # PostgreSQL's code of a statement that ran into the statement timeout


def as_unavailable(error: BaseException | None) -> Unavailable | None:
    """Return an `Unavailable` for errors that mean "not now", and log their cause; None for other errors."""
    if not isinstance(error, Unavailable | OperationalError | InterfaceError):
        return None
    logger.warning("Unavailable: %s", cause_of(error.__cause__ or error))
    return error if isinstance(error, Unavailable) else _from_database_error(error)


def _from_database_error(error: BaseException) -> Unavailable:
    causes = [*_causes(error)]
    if any(getattr(cause, "uncertain", False) for cause in causes):
        return Unavailable(_UNCERTAIN)
    timed_out = any(getattr(cause, "sqlstate", None) == _QUERY_CANCELED for cause in causes)
    return Unavailable(_TOO_SLOW if timed_out else _DATABASE_DOWN)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all errors that led to it: the last one may be of another connection."""
    while error:
        yield error
        error = error.__cause__ or error.__context__
