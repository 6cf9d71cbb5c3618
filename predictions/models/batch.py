from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from predictions.models.fields import WrittenJSONField
from predictions.models.model_version import ModelVersion
from predictions.models.policy import Policy
from predictions.models.prediction import Prediction, PredictionQuerySet
from predictions.models.product import Product, ProductRow
from predictions.models.querysets import OwnedQuerySet

_COUNTED = ("scored", "refused", "remarked")


def request_id_start(batch_id: int) -> str:
    """Return the beginning of the request IDs of a batch's predictions; the number of the chunk follows."""
    return f"batch-{batch_id}-"


class BatchQuerySet(OwnedQuerySet["Batch"]):
    def of_product(self, product: Product | int) -> Self:
        """Return the batches of a product, or of the product with this key."""
        return self.filter(product=product if isinstance(product, int) else product.pk)

    def unfinished(self) -> Self:
        return self.filter(status__in=[Batch.Status.QUEUED, Batch.Status.RUNNING])

    def running(self) -> Self:
        return self.filter(status=Batch.Status.RUNNING)

    def with_counts(self) -> Self:
        """Annotate each batch with its rows so far: `scored`, `refused`, and `remarked` (have a remark)."""
        chunks = BatchChunk.objects.done().filter(batch=OuterRef("pk")).order_by().values("batch")
        sums = {name: chunks.annotate(sum=Sum(name)).values("sum") for name in _COUNTED}
        return self.annotate(**{name: Coalesce(Subquery(rows), 0) for name, rows in sums.items()})


class Batch(ProductRow):
    """An uploaded file of applications that the worker checks and scores."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"
        CANCELLED = "cancelled"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField("file", max_length=255)
    size = models.PositiveBigIntegerField(help_text="Size in bytes.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    file = models.CharField(
        max_length=64,
        unique=True,
        help_text="Name in the file store. The file is deleted when the batch ends.",
    )
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="+", db_index=False)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    error = models.TextField(blank=True)
    rows = models.PositiveIntegerField(
        null=True, help_text="Number of rows; empty until the file's format is checked."
    )
    further_columns = WrittenJSONField(
        null=True,
        help_text="Columns of the file that the schema does not have; empty until the format is checked.",
    )
    headings = WrittenJSONField(
        null=True,
        help_text="Headings of the file as it spells them; empty until the format is checked.",
    )
    queue = models.BooleanField(
        default=True, db_default=True, help_text="Whether its referred cases wait for a person."
    )
    created_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(help_text="Last sign of life of a worker, or time of upload.")

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"
        indexes = [models.Index(fields=["owner", "-id"], name="batch_owner_newest")]

    def __str__(self) -> str:
        return f"Batch {self.pk}: {self.name}"

    @property
    def finished(self) -> bool:
        """Whether the batch has ended: finished, failed or cancelled."""
        return self.status not in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def has_results(self) -> bool:
        """Whether the results can be downloaded. A file that was refused as a whole has none."""
        return self.finished and (self.status != self.Status.FAILED or self.checked_at is not None)


class BatchChunkQuerySet(models.QuerySet["BatchChunk"]):
    def done(self) -> Self:
        return self.filter(done_at__isnull=False)

    def claimable(self, now: datetime) -> Self:
        """Return the chunks without a worker, and those whose worker has exceeded its lease."""
        free = Q(leased_until=None) | Q(leased_until__lt=now)
        return self.filter(free, done_at=None)


class BatchChunk(models.Model):
    """A piece of a batch's file that is scored and stored in one transaction."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField(help_text="Position in the file, from 0.")
    offset = models.PositiveBigIntegerField(help_text="First byte in the file.")
    length = models.PositiveIntegerField(help_text="Size in bytes.")
    first_line = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    worker = models.CharField(
        max_length=32, blank=True, help_text="Token of the worker that holds the lease."
    )
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    scored = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    # The database has a default because workers of the release before do not write this column.
    remarked = models.PositiveIntegerField(default=0, db_default=0, help_text="Scored rows with a remark.")
    first_id = models.BigIntegerField(null=True, help_text="First prediction id of this chunk.")
    last_id = models.BigIntegerField(null=True, help_text="Last prediction id of this chunk.")
    repeats = WrittenJSONField(help_text="Rows with a repeated Loan_ID: [row, other line].")
    refusals = WrittenJSONField(
        default=list, help_text="Refused rows: [line, Loan_ID, field, value, expectation]."
    )

    further = WrittenJSONField(
        null=True, help_text="Cells of the file's further columns, by Loan_ID; empty if it has none."
    )
    # Workers of the release before leave these two empty.
    outcomes = WrittenJSONField(
        null=True, help_text="Scored rows counted by outcome, probability, cause and remark."
    )
    refused_rows = WrittenJSONField(
        null=True, help_text="Cells of refused rows as the file has them: [line, cells]."
    )

    objects = BatchChunkQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_chunk_per_batch_and_number")
        ]

    def __str__(self) -> str:
        return f"Chunk {self.number} of batch {self.batch_id}"

    @property
    def predictions(self) -> PredictionQuerySet:
        """The predictions of this chunk, in the order of the file."""
        return Prediction.objects.filter(
            pk__range=(self.first_id, self.last_id),
            request_id=self.request_id,
            owner=self.batch.owner_id,
            source=Prediction.Source.BATCH,
        ).order_by("pk")

    @property
    def request_id(self) -> str:
        """The request ID of the predictions of this chunk."""
        return f"{request_id_start(self.batch_id)}{self.number}"
