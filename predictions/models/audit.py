from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models


class AuditRecord(models.Model):
    """An action that somebody must answer for: who did what, and when. Never updated."""

    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    action = models.CharField(max_length=64)
    detail = models.JSONField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} at {self.at:%Y-%m-%d %H:%M}"


KEEP = timedelta(hours=24)


class KeptAnswerQuerySet(models.QuerySet["KeptAnswer"]):
    def outdated(self, now: datetime) -> Self:
        """Return the replies that are too old to be sent again."""
        return self.filter(at__lt=now - KEEP)


class KeptAnswer(models.Model):
    """The reply to a call with an Idempotency-Key. A retry of the call gets this reply again."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the call's address and body.")
    status = models.PositiveSmallIntegerField()
    content = models.BinaryField()
    at = models.DateTimeField(db_index=True)

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_answer_per_caller_and_key")]

    def __str__(self) -> str:
        return f"{self.key} of {self.owner}"
