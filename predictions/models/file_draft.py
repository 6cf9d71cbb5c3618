from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models

from ml.training import RECIPE_TITLES
from predictions.models.fields import WrittenJSONField
from predictions.models.product import Product

KEPT = timedelta(hours=1)


class FileDraftQuerySet(models.QuerySet["FileDraft"]):
    def abandoned(self, now: datetime) -> Self:
        """Return the drafts that nobody used or corrected for an hour."""
        return self.filter(updated_at__lt=now - KEPT)


class FileDraft(models.Model):
    """An uploaded file that somebody looks at before it is used. No row of it is stored.

    It is deleted when it is used, and after an hour.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    name = models.CharField("file", max_length=255)
    size = models.PositiveBigIntegerField(help_text="Size in bytes.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    file = models.CharField(max_length=64, unique=True, help_text="Name in the file store.")
    plain = models.CharField(max_length=64, help_text="Name of the plain CSV in the file store.")
    wishes = WrittenJSONField(default=dict, help_text="What the sender chose: sheet, decimal mark, columns.")
    look = WrittenJSONField(help_text="What was understood, as the page and the API show it.")
    updated_at = models.DateTimeField(db_index=True)

    objects = FileDraftQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return self.name


class BatchDraft(FileDraft):
    """A file that somebody looks at before it is scored."""

    queue = models.BooleanField(default=True, help_text="Whether referred cases shall wait for a person.")

    class Meta(FileDraft.Meta):
        verbose_name = "file before scoring"
        verbose_name_plural = "files before scoring"


class TrainingDraft(FileDraft):
    """A table that somebody looks at before a model is trained on it."""

    recipe = models.CharField(max_length=32, choices=RECIPE_TITLES)

    class Meta(FileDraft.Meta):
        verbose_name = "table before training"
        verbose_name_plural = "tables before training"


class RememberedWishes(models.Model):
    """What a sender chose for files of a shape, offered for the next one."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    shape = models.CharField(max_length=64, help_text="Digest of the file's headings.")
    wishes = WrittenJSONField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "remembered wishes"
        constraints = [
            models.UniqueConstraint(fields=["owner", "product", "shape"], name="one_wish_per_shape")
        ]

    def __str__(self) -> str:
        return f"{self.owner_id}: {self.shape[:12]}"
