"""A file of a few chunks, good and bad rows in it, and what must become of each."""

from dataclasses import dataclass

from django.db import connection

from predictions.services.batches.rows import CHUNK_SIZES
from predictions.tests.helpers.batches import HEADER, ROW

BAD = ROW.replace(",5720,", ",-1,")


@dataclass(frozen=True, slots=True)
class Sent:
    """A file, and the Loan_IDs of its good and bad rows in their order."""

    content: bytes
    good: list[str]
    bad: list[str]


def of_three_chunks() -> Sent:
    """One row in fifty is bad; the first and the last share a Loan_ID, so neither can be scored."""
    rows = 5 * CHUNK_SIZES[connection.vendor] // 2 // len(f"L000000,{ROW}\n")
    loan_ids = [f"L{row:06}" for row in range(rows - 1)] + ["L000000"]
    bad = [loan_id for row, loan_id in enumerate(loan_ids) if row % 50 == 0 or row == rows - 1]
    lines = [f"{loan_id},{BAD if int(loan_id[1:]) % 50 == 0 else ROW}" for loan_id in loan_ids]
    left_out = set(bad)
    good = [loan_id for loan_id in loan_ids if loan_id not in left_out]
    return Sent("\n".join([HEADER, *lines, ""]).encode(), good, bad)
