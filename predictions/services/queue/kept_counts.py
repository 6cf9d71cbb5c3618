"""Making one row of the queue's counts that have the same facts (`predictions.models.WaitingCount`)."""

from django.db import connection

_FACTS = "product_id, owner_id, by_hand, day, assigned_to_id, held_until"
# One statement: readers see the counts before it or after it, and a second worker finds nothing to merge.
_MERGE = """WITH merged AS (DELETE FROM predictions_waitingcount RETURNING {facts}, number)
INSERT INTO predictions_waitingcount ({facts}, number)
SELECT {facts}, sum(number) FROM merged GROUP BY {facts} HAVING sum(number) <> 0"""
_ALIKE = """SELECT EXISTS (
    SELECT 1 FROM predictions_waitingcount GROUP BY {facts} HAVING count(*) > 1 OR sum(number) = 0
)"""


def merge_counts() -> None:
    """Merge the counts that are alike. SQLite's triggers do it themselves."""
    if connection.vendor == "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE.format(facts=_FACTS))
        if cursor.fetchone()[0]:
            cursor.execute(_MERGE.format(facts=_FACTS))
