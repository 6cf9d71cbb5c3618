"""Files that a person looks at and corrects before they are used; they are kept for an hour."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from ml.errors import CompressedFile, DatasetError, InvalidValue
from ml.intake.sources import open_source
from ml.intake.understanding import Wishes
from ml.schemas.schema import Schema
from predictions.errors import Conflict
from predictions.models import FileDraft, RememberedWishes
from predictions.models.querysets import AnyUser
from predictions.services.batches import files
from predictions.services.batches.files import Upload, upload_path
from predictions.services.uploads.ends import Became, record_end
from predictions.services.uploads.looks import Looked
from predictions.services.uploads.readings import wishes_from, wishes_to_json

_TRIED_SHEETS = 10  # of a workbook
GONE = "This file was used, corrected or discarded in another window."
LOST = "This file is no longer kept; upload it again."


class Looker(NamedTuple):
    """How the files of a use are looked at: by a schema, and by a function of it, of a name and a file.

    The function writes the plain CSV to its last argument unless the file is plain.
    """

    schema: Schema
    look_at: Callable[[Schema, str, Path, Wishes, Path], Looked]

    def look(self, raw: Upload, wishes: Wishes, plain: str) -> Looked:
        """Look at a file as a person wishes, and keep the wishes and the schema with the look.

        Raises
        ------
        DatasetError, InvalidValue
        """
        looked = self.look_at(self.schema, raw.name, upload_path(raw.file), wishes, upload_path(plain))
        looked.look.update(wishes=wishes_to_json(wishes), schema=self.schema.digest)
        return looked


@contextmanager
def new_plain_file() -> Iterator[str]:
    """Name a file for plain CSV; it is deleted if the block fails."""
    plain = files.new_file_name()
    try:
        yield plain
    except BaseException:
        files.delete_upload(plain)
        raise


def first_facts(
    *, owner: AnyUser, product_id: int, raw: Upload, looker: Looker, plain: str, now: datetime | None = None
) -> dict[str, Any]:
    """Return the fields of the draft of a received file.

    What its sender chose for the last file of this shape is chosen again. If the first sheet of a workbook is
    no table that is understood, the next one that is understood is read.

    Raises
    ------
    DatasetError
        If nothing can be read of it.
    """
    looked = _first_look(looker, raw, plain)
    remembered = _remembered(owner, product_id, looked.look["shape"])
    if remembered is not None:
        looked = _look_as_before(looker, raw, remembered, looked, plain) or looked
    return {
        "owner_id": owner.pk or 0,
        "product_id": product_id,
        **raw._asdict(),
        "plain": looked.plain.name,
        "wishes": looked.look["wishes"],
        "look": looked.look,
        "updated_at": now or timezone.now(),
    }


def change_draft(*, draft: FileDraft, wishes: Wishes, looker: Looker, now: datetime | None = None) -> None:
    """Look at the file again as a person corrected it.

    Raises
    ------
    DatasetError, InvalidValue, Conflict
        Then nothing is changed.
    """
    raw = Upload(draft.name, draft.file, draft.size, draft.digest)
    with new_plain_file() as plain:
        try:
            looked = looker.look(raw, wishes, plain)
        except FileNotFoundError:
            raise _missing(draft) from None
        changed = _row(draft).update(
            plain=looked.plain.name,
            look=looked.look,
            wishes=looked.look["wishes"],
            updated_at=now or timezone.now(),
        )
        if not changed:
            raise Conflict(GONE)
    if draft.plain not in (looked.plain.name, draft.file):
        files.delete_upload(draft.plain)


def require_read(draft: FileDraft, schema: Schema) -> None:
    """Raise `Conflict` if a draft cannot be used as it was looked at.

    A number still has two meanings, the schema has changed since, or the file is gone.
    """
    if draft.look["open_cells"]:
        raise Conflict("Choose first what its numbers mean.")
    if draft.look["schema"] != schema.digest:
        raise Conflict("The application form has changed meanwhile; look at the file again.")
    if not upload_path(draft.plain).exists():
        raise _missing(draft)


def delete_draft(draft: FileDraft) -> None:
    """Delete a file that shall not be used."""
    with transaction.atomic():
        if not take_draft(draft):
            return
        record_end(draft, Became.DISCARDED)
    for file in {draft.file, draft.plain}:
        files.delete_upload(file)


def take_draft(draft: FileDraft) -> bool:
    """Delete the row of a draft, and return whether this call did: whoever deletes it owns its files."""
    return bool(_row(draft).filter(plain=draft.plain).delete()[0])


def remember_wishes(draft: FileDraft, now: datetime | None = None) -> None:
    """Remember what was chosen for a file, but for its sheet."""
    key = {"owner_id": draft.owner_id, "product_id": draft.product_id, "shape": draft.look["shape"]}
    wishes = {name: fact for name, fact in draft.wishes.items() if name != "sheet"}
    if wishes:
        facts = {"wishes": wishes, "updated_at": now or timezone.now()}
        RememberedWishes.objects.update_or_create(**key, defaults=facts)


def _missing(draft: FileDraft) -> Conflict:
    """Return why the file of a draft is not there: another window had it deleted, or the store lost it."""
    return Conflict(LOST if _row(draft).exists() else GONE)


def _row(draft: FileDraft) -> Any:
    return type(draft)._default_manager.filter(pk=draft.pk)


def _fitting(remembered: Mapping[str, Any], look: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file leaves open of remembered wishes: its own cells decide before them."""
    per = {
        column: number
        for column, number in remembered.get("per", {}).items()
        if column in look["suggested_per"]
    }
    unknown = [outcome["word"] for outcome in look.get("outcomes", ()) if outcome["meaning"] is None]
    return {
        "sheet": look["wishes"].get("sheet"),
        "columns": remembered.get("columns", {}),
        "decimal": remembered.get("decimal") if look["open_cells"] else None,
        "per": per,
        "labels": {word: value for word, value in remembered.get("labels", {}).items() if word in unknown},
    }


def _first_look(looker: Looker, raw: Upload, plain: str) -> Looked:
    try:
        return looker.look(raw, Wishes(), plain)
    except CompressedFile:
        raise
    except DatasetError:
        for sheet in open_source(raw.name, upload_path(raw.file)).sheets[1:_TRIED_SHEETS]:
            with suppress(DatasetError):
                looked = looker.look(raw, Wishes(sheet=sheet), plain)
                looked.look["notes"].insert(0, "The first sheet is no such table; this one is read.")
                return looked
        raise


def _look_as_before(
    looker: Looker, raw: Upload, remembered: Mapping[str, Any], looked: Looked, plain: str
) -> Looked | None:
    """Look at a file with remembered wishes; ``None`` if they do not fit it any more."""
    try:
        if remembered.get("columns"):  # first: which words and numbers are open depends on the columns
            columns = {"sheet": looked.look["wishes"].get("sheet"), "columns": remembered["columns"]}
            looked = looker.look(raw, wishes_from(columns), plain)
        fitting = wishes_from(_fitting(remembered, looked.look))
        if wishes_to_json(fitting) != looked.look["wishes"]:
            looked = looker.look(raw, fitting, plain)
    except (DatasetError, InvalidValue):
        return None
    looked.look["notes"].insert(0, "Read as you chose for the last file with these headings.")
    return looked


def _remembered(owner: AnyUser, product_id: int, shape: str) -> dict[str, Any] | None:
    same = RememberedWishes.objects.filter(owner=owner.pk, product=product_id, shape=shape)
    return same.values_list("wishes", flat=True).first()
