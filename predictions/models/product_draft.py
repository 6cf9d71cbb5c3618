from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models

from predictions.models.product import Product

KEPT_DAYS = 30


class ProductDraftQuerySet(models.QuerySet["ProductDraft"]):
    def abandoned(self, now: datetime) -> Self:
        """Return the drafts that nobody has changed for `KEPT_DAYS` days."""
        return self.filter(updated_at__lt=now - timedelta(days=KEPT_DAYS))


class ProductDraft(models.Model):
    """A schema that somebody is writing: for a new product, or the next version of a product's.

    It is deleted when it is saved as a version, and by prune when it is abandoned.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    product = models.ForeignKey(
        Product, models.CASCADE, null=True, related_name="+", help_text="Empty: it will be a new product."
    )
    file_name = models.CharField(max_length=255, blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the table; empty without one.")
    entries = models.JSONField(help_text="What the pages show, as texts.")
    updated_at = models.DateTimeField(db_index=True)

    objects = ProductDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        verbose_name = "draft"

    def __str__(self) -> str:
        return str(self.entries["head"]["title"])

    @property
    def digests(self) -> set[str]:
        """Digests of the draft's table and of the workbook that it was read from."""
        return {self.digest, self.entries.get("workbook", {}).get("digest", "")} - {""}
