"""Prune: delete predictions that are older than the retention period, with their decisions and notices.

Each batch is a short transaction, so that other processes can write between two batches. An interrupted prune
is completed by the next run. Audit records, versions and policies stay.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from predictions.errors import RetentionNotOver
from predictions.models import (
    ApplicationEvent,
    Batch,
    BatchChunk,
    Claim,
    Decision,
    Explanation,
    Hold,
    KeptAnswer,
    Notice,
    Prediction,
    ProductDraft,
    Proposal,
    Referral,
)
from predictions.models.loan_id_entry import newest_of, outer_application
from predictions.models.prediction import PredictionQuerySet
from predictions.reading.counts import KEPT_DAYS
from predictions.services.products.drafting.tables import delete_unused_tables
from predictions.services.retention.orphaned_explanations import (
    delete_orphaned_explanations,
    orphaned_explanations,
)
from predictions.services.scoring.blocks import delete_empty_blocks
from predictions.services.scoring.kept_counts import forget_counts
from predictions.services.scoring.rankings import forget_rankings
from predictions.services.writing import audit
from predictions.services.writing.locks import write_transaction

BATCH_SIZE = 2_000
CASE_RECORD_MODELS: tuple[type[models.Model], ...] = (
    *(Notice, Claim, Decision, Referral),
    *(ApplicationEvent, Hold, Proposal),
)
_PRUNED: tuple[type[models.Model], ...] = (
    *CASE_RECORD_MODELS,
    Prediction,
    Explanation,
    KeptAnswer,
    BatchChunk,
    Batch,
    ProductDraft,
)


def table_label(model: type[models.Model]) -> str:
    return str(model._meta.verbose_name_plural)


@dataclass(slots=True)
class Pruning:
    """A prune: what is older than `before`, and the numbers of deleted rows by table."""

    before: datetime
    rows: Counter[str] = field(default_factory=lambda: Counter({table_label(model): 0 for model in _PRUNED}))
    waiting: int = 0  # kept: newest predictions, notes and holds of cases that wait for a decision
    busy: int = 0  # kept until the next prune: predictions that another process had locked


def prune(
    *,
    pruning: Pruning,
    account: str,
    now: datetime | None = None,
    batch: int = BATCH_SIZE,
    on_progress: Callable[[Pruning], None] = lambda pruning: None,
) -> None:
    """Delete in batches. The audit log records the deleted rows, even if the prune is interrupted.

    `account` is the machine's user who runs the prune. `on_progress` is called after each batch of
    predictions.
    """
    now, finished = now or timezone.now(), False
    try:
        for pks in _batches(Prediction.objects.filter(created_at__lt=pruning.before), batch):
            _delete_predictions(pruning, pks)
            on_progress(pruning)
        delete_orphaned_explanations(
            batch, lambda number: pruning.rows.update({table_label(Explanation): number})
        )
        for rows in independent_rows(pruning.before, now):
            _delete_rows(pruning, rows, batch)
        delete_unused_tables(now)
        if pruning.rows[table_label(Prediction)]:
            forget_rankings()
            delete_empty_blocks()
        if pruning.before > now - timedelta(days=KEPT_DAYS):
            forget_counts()
        finished = True
    finally:
        _record(pruning, account, finished)


def independent_rows(before: datetime, now: datetime) -> list[models.QuerySet]:
    """Return the rows to delete that belong to no prediction, in the order that foreign keys require."""
    finished = Batch.objects.filter(finished_at__lt=before)
    return [
        KeptAnswer.objects.outdated(now),
        BatchChunk.objects.filter(batch__in=finished),
        finished,
        ProductDraft.objects.abandoned(now),
    ]


def _delete_rows(pruning: Pruning, rows: models.QuerySet, batch: int) -> None:
    for pks in _batches(rows, batch):
        with write_transaction():
            pruning.rows[table_label(rows.model)] += _delete(rows.model._base_manager.filter(pk__in=pks))


def _batches(rows: models.QuerySet, batch: int) -> Iterator[list[int]]:
    """Yield the ids of rows in batches, oldest first."""
    rows, last = rows.order_by("pk"), 0
    while pks := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:batch]):
        yield pks
        last = pks[-1]


def _delete_predictions(pruning: Pruning, pks: Collection[int]) -> None:
    with write_transaction():
        # Rows that another process has locked are skipped: waiting for them could be a deadlock.
        unlocked = Prediction.objects.select_for_update(skip_locked=True).filter(pk__in=pks)
        locked_here = set(unlocked.values_list("pk", flat=True))
        waiting = set(_kept_for_waiting(Prediction.objects.filter(pk__in=pks)).values_list("pk", flat=True))
        deletable = locked_here - waiting
        _move_referrals(deletable)
        deleted = {
            table_label(model): _delete(model._base_manager.filter(prediction__in=deletable))
            for model in CASE_RECORD_MODELS
        }
        deleted[table_label(Prediction)] = _delete(Prediction.objects.filter(pk__in=deletable))
    pruning.rows.update(deleted)
    pruning.waiting += len(waiting)
    pruning.busy += len(pks) - len(locked_here | waiting)


def _kept_for_waiting(rows: PredictionQuerySet) -> PredictionQuerySet:
    """Return what a waiting application needs: its newest prediction, and those with notes or holds."""
    of_prediction = Q(prediction=OuterRef("pk"))
    worked_on = Exists(ApplicationEvent.objects.filter(of_prediction)) | Exists(
        Hold.objects.filter(of_prediction)
    )
    waits = Exists(Referral.objects.of_application(*outer_application()))
    return rows.filter(Q(pk__in=Prediction.objects.waiting().values("pk")) | (worked_on & waits))


def _move_referrals(deletable: Collection[int]) -> None:
    """Refer the newest prediction of each application that waits because of one of the `deletable` ones."""
    newest = newest_of(*outer_application("prediction__"))
    referrals = Referral.objects.filter(prediction__in=deletable).annotate(newest=newest)
    moves = dict(referrals.exclude(newest=F("prediction")).values_list("newest", "pk"))
    taken = set(Referral.objects.filter(pk__in=moves).values_list("pk", flat=True))
    for newest_id, pk in moves.items():
        if newest_id not in taken:
            Referral.objects.filter(pk=pk).update(prediction=newest_id)


def _delete(rows: models.QuerySet) -> int:
    """Delete in one statement. Django's `delete` would fetch all rows first to follow their relations."""
    return rows._raw_delete(rows.db) or 0  # None if there are no rows


def _record(pruning: Pruning, account: str, finished: bool) -> None:
    kept = {"waiting": pruning.waiting, "busy": pruning.busy}
    detail = {"account": account, "before": pruning.before.isoformat(), "finished": finished}
    audit.record(by=None, action="prune", detail=detail | {"deleted": dict(pruning.rows), "kept": kept})


def count_prunable(*, pruning: Pruning, now: datetime | None = None) -> None:
    """Fill in the numbers of rows that a prune would delete."""
    old = Prediction.objects.filter(created_at__lt=pruning.before).order_by()
    waiting = _kept_for_waiting(old)
    remaining = Prediction.objects.filter(Q(created_at__gte=pruning.before) | Q(pk__in=waiting.values("pk")))
    pruning.waiting = waiting.count()
    for model in CASE_RECORD_MODELS:
        rows_of_old = model._base_manager.filter(prediction__in=old.values("pk"))
        pruning.rows[table_label(model)] = rows_of_old.exclude(prediction__in=waiting.values("pk")).count()
    pruning.rows[table_label(Prediction)] = old.count() - pruning.waiting
    pruning.rows[table_label(Explanation)] = len(orphaned_explanations(remaining))
    for rows in independent_rows(pruning.before, now or timezone.now()):
        pruning.rows[table_label(rows.model)] = rows.count()


def first_kept_day(now: datetime | None = None) -> date:
    """Return the first day, in the site's time zone, whose predictions must be kept."""
    today = timezone.localdate(now)
    months = today.year * 12 + today.month - 1 - settings.RETENTION_MONTHS
    year, month = divmod(months, 12)
    return _day_or_last_of_month(year, month + 1, today.day)


def prune_limit(before: date | None, now: datetime | None = None) -> datetime:
    """Return the start of the day `before`; without it, of the first day that must be kept.

    Raises `RetentionNotOver` if predictions before that day must still be kept.
    """
    day = first_kept_day(now)
    if before is not None and before > day:
        raise RetentionNotOver(before, day, settings.RETENTION_MONTHS)
    return timezone.make_aware(datetime.combine(before or day, time.min))


def _day_or_last_of_month(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return _day_or_last_of_month(year, month, day - 1)
