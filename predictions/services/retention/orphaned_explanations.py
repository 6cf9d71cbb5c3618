"""Deleting explanations that no prediction shares any more, while others go on scoring."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from predictions.models import Explanation, Prediction
from predictions.services.writing.locks import write_transaction

_TABLE = Prediction._meta.db_table
_INDEX = "prune_explanation"


def orphaned_explanations(left: QuerySet[Any]) -> set[int]:
    """Return the explanations that none of the predictions that are `left` shares.

    The set is made here: no index leads from an explanation to its predictions, and databases differ in what
    they make of that.
    """
    shared = left.order_by().values_list("explanation", flat=True).distinct()
    return set(Explanation.objects.values_list("pk", flat=True)) - set(shared)


def delete_orphaned_explanations(batch: int, tell: Callable[[int], None]) -> None:
    """Delete, and tell after each batch how many went.

    Processes remember the ids of explanations: `scoring.score` notices that one is gone, and begins anew.
    """
    seen = _newest_prediction()
    found = sorted(orphaned_explanations(Prediction.objects.all()))
    with _quick_checks() if found else contextlib.nullcontext():
        for start in range(0, len(found), batch):
            tell(_delete(set(found[start : start + batch]), seen))


def _newest_prediction() -> int:
    """Return a number up to which all predictions are there: nobody is writing one in this moment."""
    with write_transaction():
        _keep_writers_out()
        return Prediction.objects.values_list("pk", flat=True).first() or 0


def _delete(pks: set[int], seen: int) -> int:
    with write_transaction():
        _keep_writers_out()
        since = Prediction.objects.filter(pk__gt=seen, explanation__in=pks)
        rows = Explanation.objects.filter(pk__in=pks - set(since.values_list("explanation", flat=True)))
        return rows._raw_delete(rows.db)


def _keep_writers_out() -> None:
    """On PostgreSQL, too, nobody stores a prediction before this transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {_TABLE} IN SHARE MODE")


@contextlib.contextmanager
def _quick_checks() -> Iterator[None]:
    """Spare the database a walk through all predictions for each explanation that goes.

    SQLite is told not to look, since `_delete` did; PostgreSQL gets an index for the time being.
    """
    if connection.vendor != "postgresql":
        with connection.constraint_checks_disabled():
            yield
    elif connection.in_atomic_block:  # where no index can be made beside other writers
        yield
    else:
        _run(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")  # of a prune that was killed
        _run(f"CREATE INDEX CONCURRENTLY {_INDEX} ON {_TABLE} (explanation_id)")
        try:
            yield
        finally:
            _run(f"DROP INDEX CONCURRENTLY {_INDEX}")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
