"""The store of uploaded files, readable by this site alone: each is kept until its batch is finished or its
table is trained on."""

import hashlib
import itertools
import os
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ml.intake.alone import read_alone
from ml.intake.understanding import Wishes
from ml.schemas.schema import Schema
from ml.tables.csv_stream import CsvStream
from predictions.errors import FileTooLarge, Unavailable
from predictions.models import Batch, BatchDraft, TrainingDraft
from predictions.models.file_draft import FileDraftQuerySet
from predictions.services.uploads.ends import Became, record_end

FORM_OVERHEAD = 1 << 16  # bytes of a form besides its file
ABANDONED_AFTER = timedelta(hours=1)
_DRAFTS = (BatchDraft, TrainingDraft)


class Upload(NamedTuple):
    """A received file: its given name, its name in the store, its size and digest."""

    name: str
    file: str
    size: int
    digest: str


def store_upload(
    *, name: str, parts: Iterable[bytes], schema: Schema, wishes: Wishes | None = None
) -> Upload:
    """Write the parts of a file to the store, as plain CSV if nobody has to be asked how it is read.

    Raises
    ------
    FileTooLarge
    DatasetError
        When it is no table of applications, or a number has two meanings; the worker checks the rows.
    Unavailable
        When it cannot be written.
    """
    raw, plain = receive_file(name=name, parts=parts), new_file_name()
    try:
        path, target = upload_path(raw.file), upload_path(plain)
        scored = read_alone(schema, name, path, wishes or Wishes(), target)
        with scored.open("rb") as written:
            CsvStream(schema, name, written)
    except BaseException:
        delete_upload(raw.file)
        delete_upload(plain)
        raise
    if scored.name == plain:
        delete_upload(raw.file)
    return raw._replace(file=scored.name)


def receive_file(*, name: str, parts: Iterable[bytes]) -> Upload:
    """Write the parts of a file to the store as they are. Raises `FileTooLarge` and `Unavailable`."""
    file = new_file_name()
    try:
        size, digest = _write(upload_path(file), parts)
    except OSError as error:
        delete_upload(file)
        raise Unavailable(f"The file cannot be kept right now: {error.strerror}.") from error
    except BaseException:
        delete_upload(file)
        raise
    return Upload(name, file, size, digest)


def new_file_name() -> str:
    return f"{secrets.token_hex(16)}.csv"


def upload_path(file: str) -> Path:
    return Path(settings.BATCH_FILES) / file


def delete_upload(file: str) -> None:
    upload_path(file).unlink(missing_ok=True)


def delete_unless_queued(file: str) -> None:
    """Delete a received file that no batch uses."""
    if not Batch.objects.filter(file=file).exists():
        delete_upload(file)


def delete_abandoned_uploads(now: datetime | None = None) -> None:
    """Delete drafts that nobody used, and files that neither they nor unfinished batches need."""
    now = now or timezone.now()
    for drafts in _DRAFTS:
        _delete_abandoned(drafts.objects.abandoned(now), now)
    store, before = Path(settings.BATCH_FILES), now - ABANDONED_AFTER
    old = [path for path in store.glob("*.csv") if path.stat().st_mtime < before.timestamp()]
    needed = _needed() if old else set()
    for path in old:
        if path.name not in needed:
            path.unlink(missing_ok=True)


def _delete_abandoned(drafts: FileDraftQuerySet, now: datetime) -> None:
    for draft in drafts:
        with transaction.atomic():
            if drafts.filter(pk=draft.pk).delete()[0]:  # it may have been corrected meanwhile
                record_end(draft, Became.ABANDONED, now=now)


def _needed() -> set[str]:
    kept = itertools.chain.from_iterable(drafts.objects.values_list("file", "plain") for drafts in _DRAFTS)
    return {*Batch.objects.unfinished().values_list("file", flat=True), *itertools.chain.from_iterable(kept)}


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
