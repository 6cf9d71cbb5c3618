"""The rows of the active version that most tests start from: services make them once in a process."""

import copy
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Model
from django.utils import timezone

from predictions.models import Activation, ArtefactFile, AuditRecord, ModelVersion, OutOfFold

WRITTEN = (ModelVersion, ArtefactFile, OutOfFold, Activation, AuditRecord)
_rows: list[list[Any]] = []  # of each of these tables


def once_by_services(make: Callable[[], ModelVersion]) -> ModelVersion:
    """Return what `make` makes in empty tables; from the second time on, write the same rows as of now.

    Only SQLite: it gives the ids of a test that was rolled back again, PostgreSQL does not.
    """
    if connection.vendor != "sqlite" or ModelVersion.objects.exists() or AuditRecord.objects.exists():
        return make()
    if not _rows:
        version = make()
        _rows.extend(list(model.objects.all()) for model in WRITTEN)
        return version
    now = timezone.now()
    for model, rows in zip(WRITTEN, _rows, strict=True):
        model.objects.bulk_create([_as_of(now, row) for row in rows])
    return ModelVersion.objects.get()


def _as_of(now: datetime, row: Model) -> Model:
    again = copy.copy(row)
    for field in row._meta.concrete_fields:
        if isinstance(field, DateTimeField) and getattr(row, field.attname):
            setattr(again, field.attname, now)
    return again
