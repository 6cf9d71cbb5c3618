"""The store of training tables, which are checked and stored by their digest."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from ml.applications.records import columns_of
from ml.atomic_files import atomic_write
from ml.tables.plausibility import check_plausible
from ml.tables.training_csv import read_file_bytes, read_training_table
from predictions.models import BUILT_IN, TrainingFile
from predictions.models.querysets import AnyUser


def store_training_file(
    *,
    name: str,
    content: bytes,
    by: AnyUser | None,
    product_id: int = BUILT_IN,
    confirmed: Collection[str] = (),
    now: datetime | None = None,
) -> TrainingFile:
    """Check a training table of a product and store it. An equal file is stored once.

    Columns in which a unit looks wrong must be among `confirmed`. Raises `DatasetError`, and stores nothing.
    """
    table = read_training_table(name, content)
    check_plausible(name, columns_of(table.records), confirmed)
    path = training_file_path(table.digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)
    file, _ = TrainingFile.objects.get_or_create(
        product_id=product_id,
        digest=table.digest,
        defaults={
            "name": name,
            "rows": len(table.records),
            "synthetic": table.synthetic,
            "uploaded_at": now or timezone.now(),
            "uploaded_by_id": by.pk if by else None,
        },
    )
    return file


def check_training_file(*, file: TrainingFile, confirmed: Collection[str] = ()) -> None:
    """Check a stored file as `store_training_file` does: older releases did not check units."""
    table = read_training_table(file.name, read_file_bytes(training_file_path(file.digest)))
    check_plausible(file.name, columns_of(table.records), confirmed)


def training_file_path(digest: str) -> Path:
    return Path(settings.TRAINING_FILES) / f"{digest}.csv"
