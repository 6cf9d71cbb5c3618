"""Files that a person looks at and corrects before they are scored; they are kept for an hour."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ml.errors import DatasetError, InvalidValue
from ml.intake.understanding import Wishes
from ml.schemas.schema import Schema
from predictions.errors import Conflict
from predictions.live.active_model import schema_in_use
from predictions.models import Batch, BatchDraft, RememberedWishes
from predictions.models.querysets import AnyUser
from predictions.services.batches import files as batch_files
from predictions.services.batches import looks
from predictions.services.batches import requests as batches
from predictions.services.batches.files import Upload, upload_path
from predictions.services.batches.looks import Looked
from predictions.services.batches.readings import wishes_from, wishes_to_json

_GONE = "This file was scored, corrected or discarded in another window."


def create_draft(
    *, owner: AnyUser, product_id: int, raw: Upload, queue: bool, now: datetime | None = None
) -> BatchDraft:
    """Keep a received file to look at. What its sender chose for the last file of this shape is chosen again.

    Raises
    ------
    DatasetError
        If nothing can be read of it.
    """
    now, plain = now or timezone.now(), batch_files.new_file_name()
    try:
        looked = _looked(owner, product_id, raw, Wishes(), plain)
        remembered = _remembered(owner, product_id, looked.look["shape"])
        if remembered is not None:
            fitting = _fitting(remembered, looked.look)
            looked = _looked_as_before(owner, product_id, raw, fitting, plain) or looked
        with transaction.atomic():
            return BatchDraft.objects.create(
                owner_id=owner.pk or 0,
                product_id=product_id,
                **raw._asdict(),
                plain=looked.plain.name,
                queue=queue,
                wishes=looked.look["wishes"],
                look=looked.look,
                updated_at=now,
            )
    except BaseException:
        batch_files.delete_upload(plain)
        raise


def change_draft(*, draft: BatchDraft, wishes: Wishes, now: datetime | None = None) -> None:
    """Look at the file again as a person corrected it. Raises `DatasetError`; then nothing is changed."""
    raw, plain = _upload(draft), batch_files.new_file_name()
    try:
        looked = _looked(draft.owner, draft.product_id, raw, wishes, plain)
    except BaseException:
        batch_files.delete_upload(plain)
        raise
    changed = BatchDraft.objects.filter(pk=draft.pk).update(
        plain=looked.plain.name,
        look=looked.look,
        wishes=looked.look["wishes"],
        updated_at=now or timezone.now(),
    )
    if not changed:
        batch_files.delete_upload(plain)
        raise Conflict(_GONE)
    if draft.plain not in (looked.plain.name, draft.file):
        batch_files.delete_upload(draft.plain)


def score_draft(*, draft: BatchDraft, by: AnyUser, now: datetime | None = None) -> Batch:
    """Queue a looked-at file for the worker, and remember what was chosen for it.

    Raises
    ------
    Conflict
        If a number still has two meanings, no row can be scored, or the schema has changed since.
    """
    now = now or timezone.now()
    _require_ready(draft)
    with transaction.atomic():
        if not _taken(draft):
            raise Conflict(_GONE)
        upload = Upload(draft.name, draft.plain, draft.size, draft.digest)
        batch = batches.create_batch(
            owner=by, upload=upload, product_id=draft.product_id, queue=draft.queue, now=now
        )
        _remember(draft, now)
    if draft.file != draft.plain:
        batch_files.delete_upload(draft.file)
    return batch


def delete_draft(draft: BatchDraft) -> None:
    """Delete a file that shall not be scored."""
    if _taken(draft):
        for file in {draft.file, draft.plain}:
            batch_files.delete_upload(file)


def _taken(draft: BatchDraft) -> bool:
    """Delete the row of a draft, and return whether this call did: whoever deletes it owns its files."""
    return bool(BatchDraft.objects.filter(pk=draft.pk, plain=draft.plain).delete()[0])


def _require_ready(draft: BatchDraft) -> None:
    if draft.look["open_cells"]:
        raise Conflict("Choose first what its numbers mean.")
    if draft.look["problems"] or not draft.look["ready"]:
        raise Conflict("No row of this file can be scored as it is read now.")
    if draft.look["schema"] != schema_in_use(draft.product_id).digest:
        raise Conflict("The application form has changed meanwhile; look at the file again.")


def _looked(owner: AnyUser, product_id: int, raw: Upload, wishes: Wishes, plain: str) -> Looked:
    schema: Schema = schema_in_use(product_id)
    looked = looks.look_at(
        schema=schema,
        name=raw.name,
        path=upload_path(raw.file),
        wishes=wishes,
        plain=upload_path(plain),
        user=owner,
        product_id=product_id,
    )
    looked.look.update(wishes=wishes_to_json(wishes), schema=schema.digest)
    return looked


def _fitting(remembered: dict[str, Any], look: dict[str, Any]) -> dict[str, Any]:
    """Return what a file leaves open of remembered wishes: its own cells decide before them."""
    per = {
        column: number
        for column, number in remembered.get("per", {}).items()
        if column in look["suggested_per"]
    }
    decimal = remembered.get("decimal") if look["open_cells"] else None
    return {"columns": remembered.get("columns", {}), "decimal": decimal, "per": per}


def _looked_as_before(
    owner: AnyUser, product_id: int, raw: Upload, facts: dict[str, Any], plain: str
) -> Looked | None:
    """Look at a file with remembered wishes; ``None`` if they do not fit it any more."""
    try:
        looked = _looked(owner, product_id, raw, wishes_from(facts), plain)
    except (DatasetError, InvalidValue):
        return None
    looked.look["notes"].insert(0, "Read as you chose for the last file with these headings.")
    return looked


def _upload(draft: BatchDraft) -> Upload:
    return Upload(draft.name, draft.file, draft.size, draft.digest)


def _remembered(owner: AnyUser, product_id: int, shape: str) -> dict[str, Any] | None:
    same = RememberedWishes.objects.filter(owner=owner.pk, product=product_id, shape=shape)
    return same.values_list("wishes", flat=True).first()


def _remember(draft: BatchDraft, now: datetime) -> None:
    key = {"owner_id": draft.owner_id, "product_id": draft.product_id, "shape": draft.look["shape"]}
    wishes = {name: fact for name, fact in draft.wishes.items() if name != "sheet"}
    if wishes:
        RememberedWishes.objects.update_or_create(**key, defaults={"wishes": wishes, "updated_at": now})
