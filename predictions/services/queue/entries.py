"""The entries of the queue: one row for each application that waits for a person.

Scoring writes them without a look-up. The row keeps since when the application waits, who holds it and its
hold, and moves to the newest prediction that was referred.
"""

from collections.abc import Mapping, Sequence
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
KEEP_PLACE = "ON CONFLICT (loan_id, owner_id, product_id) DO UPDATE SET " + ", ".join(
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


class Entries(NamedTuple):
    """The referred rows of one call: each one's place, amount and causes by Loan_ID."""

    entrance: Entrance
    by_loan_id: Mapping[str, tuple[int, Value, str]]

    def enter(self, ids: Sequence[int]) -> None:
        """Put the rows into the queue, given the ids of all rows.

        All writers use the order of Loan_IDs, so that no two deadlock.
        """
        if not self.by_loan_id:
            return
        in_order = sorted(self.by_loan_id.items())
        rows = [(ids[row], loan_id, asked, text) for loan_id, (row, asked, text) in in_order]
        shared = {
            "owner_id": self.entrance.owner_id,
            "product_id": self.entrance.product_id,
            "since": as_time(self.entrance.now),
            "source": self.entrance.source,
            "batch_id": self.entrance.batch_id,
        }
        prepare_insert(Referral, _OWN, rows, KEEP_PLACE, shared)()


def prepare_entries(
    entrance: Entrance, loan_ids: Sequence[str], asked: Mapping[int, Value], causes: Mapping[int, str]
) -> Entries:
    """Prepare the entries of the referred rows.

    The amounts that rows ask for (`asked`) and `causes` are by row. Of rows with one Loan_ID the last enters:
    a statement cannot write a row twice.
    """
    entries = {compose_nfc(loan_ids[row]): (row, asked[row], text) for row, text in causes.items()}
    return Entries(entrance, entries)


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
