"""The store of training tables, which are checked and stored as plain CSV by their digest."""

import tempfile
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from ml.applications.records import columns_of
from ml.atomic_files import atomic_write
from ml.intake.alone import NO_WISHES, OPTIONS, read_alone
from ml.intake.understanding import Wishes
from ml.schemas.schema import Schema
from ml.tables.plausibility import check_plausible
from ml.tables.refused_rows import without_refused_rows
from ml.tables.training_csv import TrainingTable, read_file_bytes, read_training_table
from predictions.live.schemas import newest_schema_of
from predictions.models import BUILT_IN, TrainingFile
from predictions.models.querysets import AnyUser


def store_training_file(
    *,
    name: str,
    content: bytes,
    by: AnyUser | None,
    product_id: int = BUILT_IN,
    confirmed: Collection[str] = (),
    wishes: Wishes = NO_WISHES,
    leave_refused_out: bool = False,
    now: datetime | None = None,
) -> TrainingFile:
    """Check a training table of a product and store it as plain CSV. An equal file is stored once.

    Columns in which a unit looks wrong must be among `confirmed`. Nothing is stored in case of an error.

    Raises
    ------
    DatasetError
        `TwoMeanings` if the numbers depend on a decimal mark that `wishes` does not name.
    """
    plain = _plain_content(newest_schema_of(product_id), name, content, wishes)
    return store_plain_table(
        name=name,
        content=plain,
        by=by,
        product_id=product_id,
        confirmed=confirmed,
        leave_refused_out=leave_refused_out,
        now=now,
    )


def store_plain_table(
    *,
    name: str,
    content: bytes,
    by: AnyUser | None,
    product_id: int = BUILT_IN,
    confirmed: Collection[str] = (),
    leave_refused_out: bool = False,
    now: datetime | None = None,
) -> TrainingFile:
    """Check a training table that is plain CSV, and store it (see `store_training_file`).

    If refused rows are left out, the stored table says so in their outcomes.
    """
    schema = newest_schema_of(product_id)
    if leave_refused_out:
        content = without_refused_rows(schema, name, content)
    table = _checked_table(schema, name, content, confirmed)
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


def _plain_content(schema: Schema, name: str, content: bytes, wishes: Wishes) -> bytes:
    """Return the file as plain CSV, unchanged if it is plain."""
    with tempfile.TemporaryDirectory() as directory:
        path, plain = Path(directory) / "given", Path(directory) / "plain.csv"
        path.write_bytes(content)
        return read_alone(schema, name, path, wishes, plain, door=OPTIONS, training=True).read_bytes()


def check_training_file(*, file: TrainingFile, confirmed: Collection[str] = ()) -> None:
    """Check a stored file as `store_training_file` does: older releases did not check units."""
    content = read_file_bytes(training_file_path(file.digest))
    _checked_table(newest_schema_of(file.product_key), file.name, content, confirmed)


def _checked_table(schema: Schema, name: str, content: bytes, confirmed: Collection[str]) -> TrainingTable:
    table = read_training_table(schema, name, content)
    check_plausible(schema, name, columns_of(schema, table.records), confirmed)
    return table


def training_file_path(digest: str) -> Path:
    return Path(settings.TRAINING_FILES) / f"{digest}.csv"
