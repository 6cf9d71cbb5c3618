"""Moving entries of the index on Loan_IDs from complete young runs into the settled one, on SQLite.

A chunk of the sorted entries dirties few pages of the settled run, which so many random ones would not.
"""

from django.db import connection

from predictions.models import LoanIdEntry, Prediction
from predictions.models.loan_id_entry import SETTLED, YOUNG, young_run
from predictions.services.writing.locks import write_transaction

CHUNK = 4_000  # entries: other writers wait for some ten milliseconds
# Moving entries by an UPDATE of their run takes twice as long: SQLite then finds each one's place twice.
_COPY = """INSERT INTO predictions_loanidentry (run, loan_id, owner_id, prediction_id, product_id)
SELECT %s, loan_id, owner_id, prediction_id, product_id FROM predictions_loanidentry
WHERE run = %s AND loan_id <= %s"""
_DELETE = "DELETE FROM predictions_loanidentry WHERE run = %s AND loan_id <= %s"


def settle_entries() -> None:
    """Settle the young run that no new prediction goes to. Look-ups are right at every moment."""
    if connection.vendor != "sqlite":
        return
    newest = Prediction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for run in set(YOUNG) - {young_run(newest)}:
        while last := _end_of_chunk(run):
            _settle(run, last)


def _end_of_chunk(run: int) -> str | None:
    loan_ids = LoanIdEntry.objects.filter(run=run).values_list("loan_id", flat=True)
    whole_chunk = loan_ids.order_by("loan_id")[CHUNK - 1 : CHUNK]
    return whole_chunk.first() or loan_ids.order_by("-loan_id").first()


def _settle(run: int, last: str) -> None:
    """Move the entries of a run up to a Loan_ID."""
    with write_transaction(), connection.cursor() as cursor:
        cursor.execute(_COPY, [SETTLED, run, last])
        cursor.execute(_DELETE, [run, last])
