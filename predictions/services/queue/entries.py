"""The entries of the queue: one row for each application that waits for a person.

Scoring writes them without a look-up. The row keeps since when the application waits, who holds it and its
hold, and moves to the newest prediction that was referred.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ml.applications.types import Value
from ml.applications.values import compose_nfc
from ml.scorecard.outcomes import ReferralCause, cause_codes
from predictions.models import Prediction, Referral
from predictions.models.prediction import ReferralQuerySet
from predictions.services.writing.inserts import as_time, prepare_insert

_OWN = ("prediction_id", "loan_id", "amount", "causes")
_MOVED = ("prediction_id", "amount", "causes", "source", "batch_id")
_KEEP_PLACE = "ON CONFLICT (loan_id, owner_id, product_id) DO UPDATE SET " + ", ".join(
    f"{column} = excluded.{column}" for column in _MOVED
)
_CAUSES_LENGTH = Referral._meta.get_field("causes").max_length or 0


class Entrance(NamedTuple):
    """The values that the entries of one call share."""

    owner_id: int | None
    product_id: int
    source: str
    now: datetime
    batch_id: int | None = None


def prepare_entries(
    entrance: Entrance, loan_ids: Sequence[str], asked: Mapping[int, Value], causes: Mapping[int, str]
) -> Callable[[Sequence[int]], None]:
    """Return a function that puts the referred rows into the queue, given the ids of all rows.

    The amounts that rows ask for (`asked`) and `causes` are by row. Of rows with one Loan_ID the last enters:
    a statement cannot write a row twice. All writers use the order of Loan_IDs, so that no two deadlock.
    """
    if not causes:
        return lambda ids: None
    entries = {compose_nfc(loan_ids[row]): (row, asked[row], text) for row, text in causes.items()}
    shared = {
        "owner_id": entrance.owner_id,
        "product_id": entrance.product_id,
        "since": as_time(entrance.now),
        "source": entrance.source,
        "batch_id": entrance.batch_id,
    }

    def enter(ids: Sequence[int]) -> None:
        in_order = sorted(entries.items())
        rows = [(ids[row], loan_id, amount, text) for loan_id, (row, amount, text) in in_order]
        prepare_insert(Referral, _OWN, rows, _KEEP_PLACE, shared)()

    return enter


def cause_text(causes: Sequence[ReferralCause]) -> str:
    """Return the codes of causes as files have them; of very many, the first ones."""
    return cause_codes(causes, _CAUSES_LENGTH)


def entry_of(prediction: Prediction) -> ReferralQuerySet:
    """Return the entry of a prediction's application, if it waits."""
    loan_id, owner_id = compose_nfc(prediction.loan_id), prediction.owner_id
    return Referral.objects.filter(loan_id=loan_id, owner=owner_id, product=prediction.product_key)


def assign(prediction: Prediction, user_id: int | None) -> None:
    """Write into the queue who holds a case."""
    entry_of(prediction).update(assigned_to=user_id)
