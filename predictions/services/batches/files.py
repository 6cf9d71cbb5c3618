"""The store of uploaded files: each is kept until its batch is finished, readable by this site alone."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from ml.schemas.schema import Schema
from ml.tables.csv_stream import CsvStream
from predictions.errors import FileTooLarge, Unavailable
from predictions.models import Batch

FORM_OVERHEAD = 1 << 16  # bytes of a form besides its file
ABANDONED_AFTER = timedelta(hours=1)


class Upload(NamedTuple):
    """A received file: its given name, its name in the store, its size and digest."""

    name: str
    file: str
    size: int
    digest: str


def store_upload(*, name: str, parts: Iterable[bytes], schema: Schema) -> Upload:
    """Write the parts of a file to the store and check its header by the schema of the form.

    Raises
    ------
    FileTooLarge
    DatasetError
        When it is no CSV of applications; the worker checks the rows.
    Unavailable
        When it cannot be written.
    """
    file = f"{secrets.token_hex(16)}.csv"
    try:
        size, digest = _write(upload_path(file), parts)
        with upload_path(file).open("rb") as written:
            CsvStream(schema, name, written)
    except OSError as error:
        delete_upload(file)
        raise Unavailable(f"The file cannot be kept right now: {error.strerror}.") from error
    except BaseException:
        delete_upload(file)
        raise
    return Upload(name, file, size, digest)


def upload_path(file: str) -> Path:
    return Path(settings.BATCH_FILES) / file


def delete_upload(file: str) -> None:
    upload_path(file).unlink(missing_ok=True)


def delete_unless_queued(file: str) -> None:
    """Delete a received file that no batch uses."""
    if not Batch.objects.filter(file=file).exists():
        delete_upload(file)


def delete_abandoned_uploads(now: datetime | None = None) -> None:
    """Delete files that no unfinished batch needs: the process that had to delete them was killed."""
    store, before = Path(settings.BATCH_FILES), (now or timezone.now()) - ABANDONED_AFTER
    old = [path for path in store.glob("*.csv") if path.stat().st_mtime < before.timestamp()]
    needed = set(Batch.objects.unfinished().values_list("file", flat=True)) if old else set()
    for path in old:
        if path.name not in needed:
            path.unlink(missing_ok=True)


def _write(path: Path, parts: Iterable[bytes]) -> tuple[int, str]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size, digest = 0, hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for part in parts:
            size += len(part)
            if size > settings.MAX_FILE:
                raise FileTooLarge
            digest.update(part)
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()
