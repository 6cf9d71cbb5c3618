"""Training tables that a person looks at before they are trained on (see `services.uploads.drafts`)."""

from collections.abc import Collection, Sequence
from pathlib import Path

from django.db import transaction

from ml.errors import DatasetError
from ml.intake.training_preview import Outcome, TrainingPreview, outcomes_of, preview_training
from ml.intake.understanding import Wishes
from ml.schemas.schema import Schema
from predictions.errors import Conflict
from predictions.live.schemas import newest_schema_of
from predictions.models import TrainingDraft, TrainingRun
from predictions.models.querysets import AnyUser
from predictions.services.batches import files
from predictions.services.batches.files import Upload, upload_path
from predictions.services.uploads import drafts
from predictions.services.uploads.drafts import Looker
from predictions.services.uploads.ends import Became, record_end
from predictions.services.uploads.looks import Look, Looked, fault_facts, raw_rows, row_facts, understood
from predictions.services.uploads.readings import read_file
from predictions.services.versions.training_files import store_plain_table
from predictions.services.versions.training_runs import request_training

_SHOWN = 20  # faults
_WORDS = 100  # of the outcome: a person gives each unknown one a meaning


def create_draft(*, owner: AnyUser, product_id: int, raw: Upload, recipe: str) -> TrainingDraft:
    """Keep a received table to look at. What its sender chose for the last one of this shape is chosen again.

    Raises
    ------
    DatasetError
        If nothing can be read of it.
    """
    looker = _looker(product_id)
    with drafts.new_plain_file() as plain:
        facts = drafts.first_facts(owner=owner, product_id=product_id, raw=raw, looker=looker, plain=plain)
        with transaction.atomic():
            return TrainingDraft.objects.create(**facts, recipe=recipe)


def change_draft(*, draft: TrainingDraft, wishes: Wishes) -> None:
    """Look at the table again as a person corrected it. Raises `DatasetError`; then nothing is changed."""
    drafts.change_draft(draft=draft, wishes=wishes, looker=_looker(draft.product_id))


def train_draft(
    *,
    draft: TrainingDraft,
    by: AnyUser,
    confirmed: Collection[str] = (),
    leave_refused_out: bool = False,
) -> TrainingRun:
    """Store a looked-at table, queue its training, and remember what was chosen for it.

    Parameters
    ----------
    confirmed : collection of str
        Columns whose unusual values a person confirmed.
    leave_refused_out : bool
        Whether refused rows are left out (see `ml.tables.refused_rows`).

    Raises
    ------
    Conflict
        If a number still has two meanings, a row is refused, or the schema has changed since.
    DatasetError
        `ImplausibleTable` if a unit looks wrong in a column that is not confirmed.
    """
    drafts.require_read(draft, newest_schema_of(draft.product_id))
    if draft.look["problems"]:
        raise Conflict("No model can be trained on this table as it is read now.")
    if draft.look["refused"] and not leave_refused_out:
        raise Conflict("Some rows are refused. Correct the file, or tick that they are left out.")
    with transaction.atomic():
        if not drafts.take_draft(draft):
            raise Conflict(drafts.GONE)
        file = store_plain_table(
            name=draft.name,
            content=upload_path(draft.plain).read_bytes(),
            by=by,
            product_id=draft.product_id,
            confirmed=confirmed,
            leave_refused_out=leave_refused_out,
        )
        run = request_training(file=file, recipe=draft.recipe, by=by, confirmed=confirmed)
        record_end(draft, Became.TRAINED, run.pk)
        drafts.remember_wishes(draft)
    for kept in {draft.file, draft.plain}:
        files.delete_upload(kept)
    return run


def _looker(product_id: int) -> Looker:
    return Looker(newest_schema_of(product_id), _look_at)


def _look_at(schema: Schema, name: str, path: Path, wishes: Wishes, plain: Path) -> Looked:
    """Look at a table; nothing of it is stored but the plain file."""
    understanding, table = read_file(schema, name, path, wishes, plain, training=True)
    facts = understood(understanding) | _outcomes(outcomes_of(understanding))
    try:
        facts |= _counts(preview_training(schema, understanding, table.read_bytes()))
    except DatasetError as error:
        facts |= _NOTHING_COUNTED | {"problems": [fault.expected for fault in error.faults]}
        facts["first_rows"] = raw_rows(understanding)
    return Looked(facts, table)


_NOTHING_COUNTED: Look = {
    **dict.fromkeys(("ready", "remarked", "refused", "left_out"), 0),
    **dict.fromkeys(("unusual", "faults"), ()),
}


def _outcomes(found: Sequence[Outcome]) -> Look:
    shown = [outcome._asdict() for outcome in found[:_WORDS]]
    return {"outcomes": shown, "further_words": len(found) - len(shown)}


def _counts(found: TrainingPreview) -> Look:
    return {
        "ready": found.good + found.remarked,
        "remarked": found.remarked,
        "refused": found.refused,
        "left_out": found.left_out,
        "unusual": [column.to_json() for column in found.unusual],
        "first_rows": row_facts(found.rows),
        "faults": fault_facts(found.faults[:_SHOWN]),
        "problems": [fault.expected for fault in found.problems],
    }
