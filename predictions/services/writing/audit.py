"""The record of what must be answered for."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from predictions.models import AuditRecord
from predictions.models.querysets import Caller


def record(*, by: Caller | None, action: str, detail: dict[str, Any], now: datetime | None = None) -> None:
    AuditRecord.objects.create(
        at=now or timezone.now(), by_id=by.pk if by else None, action=action, detail=detail
    )
