"""Delete explanations that no prediction refers to, while other processes go on scoring."""

import contextlib
from collections.abc import Callable, Iterator

from django.db import connection
from django.db.models import QuerySet

from predictions.models import Explanation, Prediction
from predictions.services.writing.locks import write_transaction

_TABLE = Prediction._meta.db_table
_INDEX = "prune_explanation"


def orphaned_explanations(remaining: QuerySet[Prediction]) -> set[int]:
    """Return the ids of explanations to which none of the `remaining` predictions refers.

    The difference is computed here: no index leads from an explanation to its predictions, so that some
    databases would read all predictions for each explanation.
    """
    referenced = remaining.order_by().values_list("explanation", flat=True).distinct()
    return set(Explanation.objects.values_list("pk", flat=True)) - set(referenced)


def delete_orphaned_explanations(batch: int, on_progress: Callable[[int], None]) -> None:
    """Delete in batches, and call `on_progress` with the number of rows deleted by each.

    Processes cache the ids of explanations. `scoring.score_records` notices a deleted one, and stores it
    again.
    """
    newest_id = _newest_prediction_id()
    orphans = sorted(orphaned_explanations(Prediction.objects.all()))
    with _cheap_foreign_key_checks() if orphans else contextlib.nullcontext():
        for start in range(0, len(orphans), batch):
            on_progress(_delete(set(orphans[start : start + batch]), newest_id))


def _newest_prediction_id() -> int:
    """Return the newest prediction's id, read while no transaction is storing predictions."""
    with write_transaction():
        _lock_out_writers()
        return Prediction.objects.values_list("pk", flat=True).first() or 0


def _delete(pks: set[int], newest_id: int) -> int:
    """Delete explanations, except those that predictions newer than `newest_id` refer to."""
    with write_transaction():
        _lock_out_writers()
        newer = Prediction.objects.filter(pk__gt=newest_id, explanation__in=pks)
        rows = Explanation.objects.filter(pk__in=pks - set(newer.values_list("explanation", flat=True)))
        return rows._raw_delete(rows.db)


def _lock_out_writers() -> None:
    """On PostgreSQL, too, let no prediction be stored before this transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {_TABLE} IN SHARE MODE")


@contextlib.contextmanager
def _cheap_foreign_key_checks() -> Iterator[None]:
    """Spare the database a scan of all predictions for each deleted explanation.

    SQLite skips the check, since `_delete` made it. PostgreSQL gets a temporary index.
    """
    if connection.vendor != "postgresql":
        with connection.constraint_checks_disabled():
            yield
    elif connection.in_atomic_block:  # no index can be created concurrently in a transaction
        yield
    else:
        _execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")  # left by a killed prune
        _execute(f"CREATE INDEX CONCURRENTLY {_INDEX} ON {_TABLE} (explanation_id)")
        try:
            yield
        finally:
            _execute(f"DROP INDEX CONCURRENTLY {_INDEX}")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
