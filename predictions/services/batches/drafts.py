"""Files of applications that a person looks at before they are scored (see `services.uploads.drafts`)."""

from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from ml.intake.understanding import Wishes
from ml.schemas.schema import Schema
from predictions.errors import Conflict
from predictions.live.active_model import schema_in_use
from predictions.models import Batch, BatchDraft
from predictions.models.querysets import AnyUser
from predictions.services.batches import files as batch_files
from predictions.services.batches import looks
from predictions.services.batches import requests as batches
from predictions.services.batches.files import Upload
from predictions.services.uploads import drafts
from predictions.services.uploads.drafts import Looker
from predictions.services.uploads.ends import Became, record_end
from predictions.services.uploads.looks import Looked


def create_draft(
    *, owner: AnyUser, product_id: int, raw: Upload, queue: bool, now: datetime | None = None
) -> BatchDraft:
    """Keep a received file to look at. What its sender chose for the last file of this shape is chosen again.

    Raises
    ------
    DatasetError
        If nothing can be read of it.
    """
    with drafts.new_plain_file() as plain:
        looker = _looker(owner, product_id)
        facts = drafts.first_facts(
            owner=owner, product_id=product_id, raw=raw, looker=looker, plain=plain, now=now
        )
        with transaction.atomic():
            return BatchDraft.objects.create(**facts, queue=queue)


def change_draft(*, draft: BatchDraft, wishes: Wishes, now: datetime | None = None) -> None:
    """Look at the file again as a person corrected it. Raises `DatasetError`; then nothing is changed."""
    looker = _looker(draft.owner, draft.product_id)
    drafts.change_draft(draft=draft, wishes=wishes, looker=looker, now=now)


def score_draft(*, draft: BatchDraft, by: AnyUser, now: datetime | None = None) -> Batch:
    """Queue a looked-at file for the worker, and remember what was chosen for it.

    Raises
    ------
    Conflict
        If a number still has two meanings, no row can be scored, or the schema has changed since.
    """
    now = now or timezone.now()
    drafts.require_read(draft, schema_in_use(draft.product_id))
    if draft.look["problems"] or not draft.look["ready"]:
        raise Conflict("No row of this file can be scored as it is read now.")
    with transaction.atomic():
        if not drafts.take_draft(draft):
            raise Conflict(drafts.GONE)
        upload = Upload(draft.name, draft.plain, draft.size, draft.digest)
        batch = batches.create_batch(
            owner=by, upload=upload, product_id=draft.product_id, queue=draft.queue, now=now
        )
        record_end(draft, Became.SCORED, batch.pk, now)
        drafts.remember_wishes(draft, now)
    if draft.file != draft.plain:
        batch_files.delete_upload(draft.file)
    return batch


def _looker(owner: AnyUser, product_id: int) -> Looker:
    def look_at(schema: Schema, name: str, path: Path, wishes: Wishes, plain: Path) -> Looked:
        return looks.look_at(
            schema=schema,
            name=name,
            path=path,
            wishes=wishes,
            plain=plain,
            user=owner,
            product_id=product_id,
        )

    return Looker(schema_in_use(product_id), look_at)
