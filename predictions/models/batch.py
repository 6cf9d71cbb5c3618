from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from predictions.models.fields import WrittenJSONField
from predictions.models.model_version import ModelVersion
from predictions.models.policy import Policy
from predictions.models.querysets import OwnedQuerySet

_COUNTED = ("scored", "refused", "remarked")


class BatchQuerySet(OwnedQuerySet):
    def unfinished(self) -> Self:
        return self.filter(status__in=[Batch.Status.QUEUED, Batch.Status.RUNNING])

    def running(self) -> Self:
        return self.filter(status=Batch.Status.RUNNING)

    def with_counts(self) -> Self:
        """Add how many rows were `scored` and `refused` so far, and how many of them have a remark."""
        chunks = BatchChunk.objects.done().filter(batch=OuterRef("pk")).order_by().values("batch")
        sums = {name: chunks.annotate(sum=Sum(name)).values("sum") for name in _COUNTED}
        return self.annotate(**{name: Coalesce(Subquery(rows), 0) for name, rows in sums.items()})


class Batch(models.Model):
    """One uploaded file of applications, checked and scored by the worker."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"
        CANCELLED = "cancelled"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField("file", max_length=255)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    file = models.CharField(max_length=64, unique=True, help_text="Name in the store, until it is over.")
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="+", db_index=False)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    error = models.TextField(blank=True)
    rows = models.PositiveIntegerField(null=True, help_text="Known once the file's form is checked.")
    created_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(help_text="When somebody last worked on it, or asked for it.")

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"
        indexes = [models.Index(fields=["owner", "-id"], name="batch_owner_newest")]

    def __str__(self) -> str:
        return f"Batch {self.pk}: {self.name}"

    @property
    def over(self) -> bool:
        return self.status not in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def has_results(self) -> bool:
        """Whether its results can be fetched; a file that was refused whole has none."""
        return self.over and (self.status != self.Status.FAILED or self.checked_at is not None)


class BatchChunkQuerySet(models.QuerySet[Any]):
    def done(self) -> Self:
        return self.filter(done_at__isnull=False)

    def claimable(self, now: Any) -> Self:
        """Chunks that nobody works on, or that somebody has worked on for too long."""
        free = Q(leased_until=None) | Q(leased_until__lt=now)
        return self.filter(free, done_at=None)


class BatchChunk(models.Model):
    """A piece of a batch's file that is scored and stored in one transaction."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField(help_text="From 0, in the file's order.")
    offset = models.PositiveBigIntegerField(help_text="Where it begins, in bytes.")
    length = models.PositiveIntegerField(help_text="Bytes.")
    first_line = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    worker = models.CharField(max_length=32, blank=True, help_text="Token of whoever works on it.")
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    scored = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    # Workers of the version before know nothing of it.
    remarked = models.PositiveIntegerField(default=0, db_default=0, help_text="Scored rows with a remark.")
    first_id = models.BigIntegerField(null=True, help_text="Of its predictions.")
    last_id = models.BigIntegerField(null=True)
    repeats = WrittenJSONField(help_text="Rows whose Loan_ID stands in another line: place, that line.")
    refusals = WrittenJSONField(default=list, help_text="Line, Loan_ID, field, value, expectation.")

    objects = BatchChunkQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_chunk_per_batch_and_number")
        ]

    def __str__(self) -> str:
        return f"Chunk {self.number} of batch {self.batch_id}"

    @property
    def request_id(self) -> str:
        """What its predictions are stored under."""
        return f"batch-{self.batch_id}-{self.number}"
