from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from ml.training import RECIPE_TITLES
from predictions.models.model_version import ModelVersion
from predictions.models.product import OfProductQuerySet, ProductRow


class TrainingFile(ProductRow):
    """A checked training table in the file store. Equal files of a product are stored once."""

    name = models.CharField("file", max_length=255)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    rows = models.PositiveIntegerField()
    synthetic = models.BooleanField("synthetic sample data")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = OfProductQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "digest"], name="one_training_file_per_product_and_digest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.rows:,} rows, {self.uploaded_at:%Y-%m-%d})"


class TrainingRunQuerySet(OfProductQuerySet["TrainingRun"]):
    def running(self) -> Self:
        return self.filter(status=TrainingRun.Status.RUNNING)

    def unfinished(self) -> Self:
        return self.filter(status__in=[TrainingRun.Status.QUEUED, TrainingRun.Status.RUNNING])


class TrainingRun(ProductRow):
    """A training, from the request to the candidate. The worker writes its progress here."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    recipe = models.CharField(max_length=32, choices=RECIPE_TITLES)
    file = models.ForeignKey(TrainingFile, models.PROTECT, related_name="runs")
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    cancel_requested = models.BooleanField(default=False)
    phase = models.CharField(max_length=100, blank=True)
    done = models.PositiveIntegerField(default=0, help_text="Finished steps of this phase.")
    total = models.PositiveIntegerField(default=0)
    log = models.TextField(blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed = models.JSONField(
        null=True, default=list, help_text="Columns whose unusual values the person confirmed."
    )
    started_at = models.DateTimeField(null=True)
    phase_started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True, help_text="Last sign of life of the worker.")
    finished_at = models.DateTimeField(null=True)
    version = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="runs")

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="one_running_training"
            )
        ]

    def __str__(self) -> str:
        return f"Training {self.pk}: {self.get_recipe_display()} on {self.file.name}"

    @property
    def unfinished(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)
