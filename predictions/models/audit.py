from django.conf import settings
from django.db import models


class AuditRecord(models.Model):
    """Who did what that must be answered for. Never updated."""

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
