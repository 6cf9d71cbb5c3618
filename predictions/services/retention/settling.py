"""Moving entries of the index on Loan_IDs from complete young runs into the settled one, on SQLite.

A chunk of the sorted entries dirties few pages of the settled run, which so many random ones would not.
"""

from django.db import connection

from predictions.models import LoanIdEntry, Prediction
from predictions.models.loan_id_entry import SETTLED, YOUNG, young_run
from predictions.services.writing.locks import write_transaction

CHUNK = 1_000  # entries: other writers wait for some milliseconds


def settle_entries() -> None:
    """Settle the young run that no new prediction goes to. Look-ups are right at every moment."""
    if connection.vendor != "sqlite":
        return
    newest = Prediction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for run in set(YOUNG) - {young_run(newest)}:
        while _settle_chunk(run):
            pass


def _settle_chunk(run: int) -> int:
    """Move the first entries of a run, and return their number."""
    entries = LoanIdEntry.objects.filter(run=run).order_by("loan_id")
    loan_ids = list(entries.values_list("loan_id", flat=True)[:CHUNK])
    if not loan_ids:
        return 0
    with write_transaction():
        return LoanIdEntry.objects.filter(run=run, loan_id__lte=loan_ids[-1]).update(run=SETTLED)
