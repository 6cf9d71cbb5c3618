"""Acts on several cases at once. Each case has a transaction of its own, and a report says what failed."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.contrib.auth.models import User

from predictions.errors import Conflict, InvalidFields
from predictions.models import Prediction
from predictions.models.querysets import AnyUser
from predictions.services.cases import withdrawals
from predictions.services.cases.proposals import decide_or_propose
from predictions.services.queue import assignment

MOST = 200  # cases of one act


class Failed(NamedTuple):
    """A case on which an act was refused, and why."""

    prediction: Prediction
    why: str


class BulkReport(NamedTuple):
    """What became of an act on several cases."""

    done: list[Prediction]
    failed: list[Failed]


def assign_all(*, predictions: Sequence[Prediction], to: User, by: AnyUser) -> BulkReport:
    """Assign cases to a person."""
    return _each(predictions, lambda case: assignment.assign_case(prediction=case, to=to, by=by))


def withdraw_all(*, predictions: Sequence[Prediction], reason: object, by: AnyUser) -> BulkReport:
    """Withdraw applications, all for one reason."""
    return _each(predictions, lambda case: withdrawals.withdraw(prediction=case, reason=reason, by=by))


def deny_all(*, predictions: Sequence[Prediction], code: str, applicant_text: str, by: AnyUser) -> BulkReport:
    """Deny the cases that the model denies, with one code and the same words for the applicants.

    Where the policy asks for a second person, each denial is proposed.
    """

    def deny(case: Prediction) -> None:
        if case.reaches_threshold and case.outcome != Prediction.Outcome.DENIED:
            raise Conflict("The model does not deny this case. Decide it on its own page.")
        denied = Prediction.Outcome.DENIED.value
        decide_or_propose(
            prediction=case, by=by, verdict=denied, code=code, applicant_text=applicant_text, after=0
        )

    return _each(predictions, deny)


def _each(predictions: Sequence[Prediction], act: Callable[[Prediction], object]) -> BulkReport:
    report = BulkReport([], [])
    for prediction in predictions:
        try:
            act(prediction)
        except (Conflict, InvalidFields) as error:
            report.failed.append(Failed(prediction, str(error)))
        else:
            report.done.append(prediction)
    return report
