"""The tables of drafts, in the file store beside the training files, each by its digest."""

import hashlib
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from ml.atomic_files import atomic_write
from ml.errors import DatasetError, DatasetFault
from ml.intake.alone import Door
from ml.intake.understanding import Wishes
from ml.intake.unknown_columns import read_unknown
from predictions.models import ProductDraft

_FRESH = timedelta(hours=1)  # a table is stored before its draft


_DOOR = Door("choose the decimal mark below, and upload the file again", "rename it")


def plain_content(file_name: str, content: bytes, wishes: Wishes) -> bytes:
    """Return an uploaded table as plain CSV: the file itself if it is plain.

    Raises
    ------
    DatasetError, InvalidValue
        As `ml.intake.unknown_columns.read_unknown`.
    """
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "given"
        path.write_bytes(content)
        return read_unknown(file_name, path, wishes, door=_DOOR).content


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


def read_table(draft: ProductDraft) -> bytes:
    """Return the table of a draft. Raises `DatasetError` if it is gone."""
    try:
        return table_path(draft.digest).read_bytes()
    except FileNotFoundError:
        expected = "the table is no longer kept; discard the draft, and upload the table again"
        raise DatasetError(draft.file_name, [DatasetFault(1, None, None, expected)]) from None


def delete_unused_tables(now: datetime) -> None:
    """Delete the tables that no draft uses."""
    before = (now - _FRESH).timestamp()
    used = set(ProductDraft.objects.values_list("digest", flat=True))
    for path in table_path("").parent.glob("*.csv"):
        if path.stem not in used and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
