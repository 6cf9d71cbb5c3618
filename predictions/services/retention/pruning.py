"""Deleting predictions that are older than the retention, and what stands beside them.

In batches of one short transaction each, so that other writers go on. Whatever ends a prune, the next one
finishes it. Audit records, versions and policies stay.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone

from predictions.errors import RetentionNotOver
from predictions.models import (
    Batch,
    BatchChunk,
    Claim,
    Decision,
    Explanation,
    KeptAnswer,
    Notice,
    Prediction,
    Referral,
)
from predictions.models.prediction import newest_of
from predictions.services.retention.orphaned_explanations import (
    delete_orphaned_explanations,
    orphaned_explanations,
)
from predictions.services.writing import audit
from predictions.services.writing.locks import write_transaction

BATCH_SIZE = 2_000
CASE_RECORD_MODELS: tuple[type[models.Model], ...] = (Notice, Claim, Decision, Referral)
_PRUNED: tuple[type[models.Model], ...] = (
    *CASE_RECORD_MODELS,
    Prediction,
    Explanation,
    KeptAnswer,
    BatchChunk,
    Batch,
)


def table_label(model: type[models.Model]) -> str:
    return str(model._meta.verbose_name_plural)


@dataclass(slots=True)
class Pruning:
    """What is to go, and how many rows went (or would go) by table."""

    before: datetime
    rows: Counter[str] = field(default_factory=lambda: Counter({table_label(model): 0 for model in _PRUNED}))
    waiting: int = 0  # kept: the newest predictions of cases that wait for a decision
    busy: int = 0  # kept until the next time: somebody was writing to them


def prune(
    *,
    pruning: Pruning,
    account: str,
    now: datetime | None = None,
    batch: int = BATCH_SIZE,
    tell: Callable[[Pruning], None] = lambda pruning: None,
) -> None:
    """Delete, and put on record what was deleted, also when something ends it early.

    `account` is the user of the machine who asks for it; `tell` is called after each batch of predictions.
    """
    now, finished = now or timezone.now(), False
    try:
        for pks in _batches(Prediction.objects.filter(created_at__lt=pruning.before), batch):
            _delete_predictions(pruning, pks)
            tell(pruning)
        delete_orphaned_explanations(
            batch, lambda number: pruning.rows.update({table_label(Explanation): number})
        )
        for rows in independent_rows(pruning.before, now):
            _delete_alone(pruning, rows, batch)
        finished = True
    finally:
        _record(pruning, account, finished)


def independent_rows(before: datetime, now: datetime) -> list[models.QuerySet[Any]]:
    """Return the rows that go without regard to predictions, in the order in which they can go."""
    over = Batch.objects.filter(finished_at__lt=before)
    return [KeptAnswer.objects.outdated(now), BatchChunk.objects.filter(batch__in=over), over]


def _delete_alone(pruning: Pruning, rows: models.QuerySet[Any], batch: int) -> None:
    for pks in _batches(rows, batch):
        with write_transaction():
            pruning.rows[table_label(rows.model)] += _delete(rows.model._base_manager.filter(pk__in=pks))


def _batches(rows: models.QuerySet[Any], batch: int) -> Iterator[list[int]]:
    """Walk from the oldest on."""
    rows, last = rows.order_by("pk"), 0
    while pks := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:batch]):
        yield pks
        last = pks[-1]


def _delete_predictions(pruning: Pruning, pks: Collection[int]) -> None:
    with write_transaction():
        # Not those that others have locked: to wait could be a deadlock.
        free = Prediction.objects.select_for_update(skip_locked=True).filter(pk__in=pks)
        ours = set(free.values_list("pk", flat=True))
        waiting = set(Prediction.objects.waiting().filter(pk__in=pks).values_list("pk", flat=True))
        old = ours - waiting
        _keep_marks(old)
        rows = {
            table_label(model): _delete(model._base_manager.filter(prediction__in=old))
            for model in CASE_RECORD_MODELS
        }
        rows[table_label(Prediction)] = _delete(Prediction.objects.filter(pk__in=old))
    pruning.rows.update(rows)
    pruning.waiting += len(waiting)
    pruning.busy += len(pks) - len(ours | waiting)


def _keep_marks(old: Collection[int]) -> None:
    """Mark the newest prediction of each application that waits by a prediction that is about to go."""
    key = OuterRef("prediction__loan_id"), OuterRef("prediction__owner")
    marks = Referral.objects.filter(prediction__in=old).annotate(newest=newest_of(*key))
    newest = set(marks.values_list("newest", flat=True))
    Referral.objects.bulk_create([Referral(prediction_id=pk) for pk in newest], ignore_conflicts=True)


def _delete(rows: models.QuerySet[Any]) -> int:
    """Delete in one statement; `delete` would fetch all rows first, to look for what the database refuses."""
    return rows._raw_delete(rows.db) or 0  # None of no rows


def _record(pruning: Pruning, account: str, finished: bool) -> None:
    kept = {"waiting": pruning.waiting, "busy": pruning.busy}
    detail = {"account": account, "before": pruning.before.isoformat(), "finished": finished}
    audit.record(by=None, action="prune", detail=detail | {"deleted": dict(pruning.rows), "kept": kept})


def count_prunable(*, pruning: Pruning, now: datetime | None = None) -> None:
    """Fill in the figures of a prune that is not done."""
    old = Prediction.objects.filter(created_at__lt=pruning.before).order_by()
    waiting = Prediction.objects.waiting().filter(created_at__lt=pruning.before).order_by()
    left = Prediction.objects.filter(Q(created_at__gte=pruning.before) | Q(pk__in=waiting.values("pk")))
    pruning.waiting = waiting.count()
    for model in CASE_RECORD_MODELS:
        beside = model._base_manager.filter(prediction__in=old.values("pk"))
        pruning.rows[table_label(model)] = beside.exclude(prediction__in=waiting.values("pk")).count()
    pruning.rows[table_label(Prediction)] = old.count() - pruning.waiting
    pruning.rows[table_label(Explanation)] = len(orphaned_explanations(left))
    for rows in independent_rows(pruning.before, now or timezone.now()):
        pruning.rows[table_label(rows.model)] = rows.count()


def first_kept_day(now: datetime | None = None) -> date:
    """Return the first day of the site's calendar that must be kept whole."""
    today = timezone.localdate(now)
    months = today.year * 12 + today.month - 1 - settings.RETENTION_MONTHS
    year, month = divmod(months, 12)
    return _existing(year, month + 1, today.day)


def prune_limit(before: date | None, now: datetime | None = None) -> datetime:
    """Return the moment that a day begins, of the latest that may be given when there is none.

    Raises `RetentionNotOver` when predictions of the days before it must still be kept.
    """
    day = first_kept_day(now)
    if before is not None and before > day:
        raise RetentionNotOver(before, day, settings.RETENTION_MONTHS)
    return timezone.make_aware(datetime.combine(before or day, time.min))


def _existing(year: int, month: int, day: int) -> date:
    """Return that day, or the last of its month."""
    try:
        return date(year, month, day)
    except ValueError:
        return _existing(year, month, day - 1)
