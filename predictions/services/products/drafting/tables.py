"""The tables of drafts, in the file store beside the training files, each by its digest."""

import hashlib
import tempfile
from collections.abc import Set
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from ml.atomic_files import atomic_write
from ml.errors import DatasetError, DatasetFault
from ml.intake.alone import Door
from ml.intake.understanding import Wishes
from ml.intake.unknown_columns import UnknownTable, read_unknown
from predictions.models import ProductDraft

_FRESH = timedelta(hours=1)  # a table is stored before its draft


UPLOAD = Door("choose the decimal mark below, and upload the file again", "rename it")
OTHER_SHEET = Door("upload the file again, and choose its decimal mark there", "rename it")


def read_upload(
    file_name: str, content: bytes, wishes: Wishes, heading: str = "", door: Door = UPLOAD
) -> UnknownTable:
    """Return an uploaded table as plain CSV: the file itself if it is plain.

    Raises
    ------
    DatasetError, InvalidValue
        As `ml.intake.unknown_columns.read_unknown`.
    """
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "given"
        path.write_bytes(content)
        return read_unknown(file_name, path, wishes, door=door, heading=heading)


def store_table(content: bytes) -> str:
    """Store a table and return its digest. Equal tables are stored once."""
    digest = hashlib.sha256(content).hexdigest()
    path = table_path(digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)
    return digest


def table_path(digest: str) -> Path:
    """Return where a table is stored."""
    return Path(settings.TRAINING_FILES) / "drafts" / f"{digest}.csv"


def read_table(draft: ProductDraft, digest: str = "") -> bytes:
    """Return the table of a draft, or its workbook by its digest. Raises `DatasetError` if it is gone."""
    try:
        return table_path(digest or draft.digest).read_bytes()
    except FileNotFoundError:
        expected = "the table is no longer kept; discard the draft, and upload the table again"
        raise DatasetError(draft.file_name, [DatasetFault(1, None, None, expected)]) from None


def delete_tables(digests: Set[str]) -> None:
    """Delete the tables and workbooks of these digests that no draft uses, when the transaction is over."""
    for digest in digests - _used_digests():
        transaction.on_commit(partial(table_path(digest).unlink, missing_ok=True))


def _used_digests() -> set[str]:
    return {digest for draft in ProductDraft.objects.only("digest", "entries") for digest in draft.digests}


def delete_unused_tables(now: datetime) -> None:
    """Delete the tables that no draft uses."""
    before = (now - _FRESH).timestamp()
    used = _used_digests()
    for path in table_path("").parent.glob("*.csv"):
        if path.stem not in used and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
