"""Drafts of schemas: start one from a table or a schema, change it, and save it as a version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from ml.applications.number_texts import Convention
from ml.errors import DatasetError
from ml.intake.alone import NO_WISHES
from ml.intake.understanding import Wishes
from ml.intake.unknown_columns import UnknownTable
from ml.schemas.schema import Schema
from predictions.errors import Conflict
from predictions.live.schemas import newest_schema_of
from predictions.models import Product, ProductDraft, SchemaVersion, TrainingRun
from predictions.models.querysets import AnyUser
from predictions.services.products import products
from predictions.services.products.drafting import entries as draft_entries
from predictions.services.products.drafting.entries import Entries
from predictions.services.products.drafting.tables import (
    OTHER_SHEET,
    delete_tables,
    read_table,
    read_upload,
    store_table,
)
from predictions.services.products.drafting.texts import in_schema
from predictions.services.products.schemas import add_schema_version, newest_schema
from predictions.services.uploads.ends import Became, record_end
from predictions.services.versions.training_files import store_training_file
from predictions.services.versions.training_runs import request_training
from predictions.services.writing.locks import write_transaction

RECIPE = "scorecard"


class SavedDraft(NamedTuple):
    """What became of a draft: the product, and the training that was requested."""

    product: Product
    training: TrainingRun | None


def start_from_table(
    *,
    owner: AnyUser,
    file_name: str,
    content: bytes,
    title: str,
    name: str,
    currency: str,
    wishes: Wishes = NO_WISHES,
) -> ProductDraft:
    """Start a new product from a table, which is kept as plain CSV.

    Parameters
    ----------
    wishes : Wishes
        The sheet and the decimal mark.

    Raises
    ------
    DatasetError
        If the file is no table; `TwoMeanings` if its numbers depend on a decimal mark that nobody named.
    InvalidValue
        If it has no such sheet.
    """
    from ml.schemas.draft import likely_outcome, read_headings

    table = read_upload(file_name, content, wishes)
    headings = read_headings(file_name, table.content)
    entries = draft_entries.new_entries(
        title=title, name=name, currency=currency, headings=headings, outcome=likely_outcome(headings)
    )
    entries |= {"table_notes": [*table.notes], **_workbook(table, content, wishes)}
    return _create(owner, None, entries, file_name, table.content)


def read_sheet(*, draft: ProductDraft, sheet: str, now: datetime | None = None) -> None:
    """Read another sheet of the draft's workbook.

    The outcome of a new product is to be told again. The next version of a product is started again from its
    newest schema and the sheet.

    Raises
    ------
    DatasetError, InvalidValue
        If the sheet cannot be used (see `start_from_table`).
    """
    workbook = draft.entries["workbook"]
    wishes = Wishes(sheet, Convention(workbook["decimal"]) if workbook["decimal"] else None)
    content = read_table(draft, workbook["digest"])
    table = read_upload(draft.file_name, content, wishes, door=OTHER_SHEET)
    if draft.product is None:
        draft.entries |= _new_outcome(draft, table)
    else:
        draft.entries = _next_version(newest_schema_of(draft.product.pk), draft.file_name, table)
    draft.entries["workbook"] = workbook | {"sheet": table.sheet}
    before, draft.digest = draft.digest, store_table(table.content)
    draft.updated_at = now or timezone.now()
    with transaction.atomic():
        draft.save(update_fields=["entries", "digest", "updated_at"])
        delete_tables({before})


def _new_outcome(draft: ProductDraft, table: UnknownTable) -> Entries:
    from ml.schemas.draft import likely_outcome, read_headings

    headings = read_headings(draft.file_name, table.content)
    target = draft.entries["target"] | {"column": likely_outcome(headings)}
    return {"headings": headings, "target": target, "columns": [], "table_notes": [*table.notes]}


def _workbook(table: UnknownTable, content: bytes, wishes: Wishes) -> Entries:
    """Return the entry of a workbook of several sheets, which is kept so that another one can be read."""
    if len(table.sheets) < 2:
        return {}
    facts = {"sheet": table.sheet, "sheets": [*table.sheets], "decimal": wishes.decimal}
    return {"workbook": facts | {"digest": store_table(content)}}


def start_version(
    *,
    owner: AnyUser,
    product: Product,
    schema: Schema,
    file_name: str = "",
    content: bytes = b"",
    wishes: Wishes = NO_WISHES,
) -> ProductDraft:
    """Start the next version of a product's schema from `schema`, and a table if there is one.

    Raises
    ------
    DatasetError, InvalidValue
        If the table cannot be used (see `start_from_table`).
    """
    if not content:
        return _create(owner, product, draft_entries.entries_of(schema), file_name, content)
    table = read_upload(file_name, content, wishes, schema.target.column)
    entries = _next_version(schema, file_name, table) | _workbook(table, content, wishes)
    return _create(owner, product, entries, file_name, table.content)


def _next_version(schema: Schema, file_name: str, table: UnknownTable) -> Entries:
    """Return the entries of a schema with what a table tells. Raises `DatasetError`."""
    from ml.schemas.draft import draft_schema

    target, content = schema.target, table.content
    left_out = _present(target, file_name, content)
    draft = draft_schema(file_name, content, target.column, target.good, leave_out=left_out)
    entries = draft_entries.with_table(draft_entries.entries_of(schema), draft)
    return entries | {"notes": [*table.notes]}


def _present(target: Any, file_name: str, content: bytes) -> list[str]:
    """Return the left-out values that the table has."""
    from ml.schemas.draft import outcome_values, read_headings

    if target.column not in read_headings(file_name, content):
        return []
    counts = outcome_values(file_name, content, target.column).counts
    return [value for value in target.leave_out if value in counts]


def tell_outcome(*, draft: ProductDraft, column: str, good: Sequence[str], leave_out: Sequence[str]) -> None:
    """Draft the columns of a draft's table, now that its outcome is known.

    Raises
    ------
    DatasetError
        If the table cannot be used.
    """
    from ml.schemas.draft import draft_schema

    content = read_table(draft)
    drafted = draft_schema(draft.file_name, content, column, good, leave_out=leave_out)
    change_entries(draft=draft, entries=draft_entries.with_draft(draft.entries, drafted))


def change_entries(*, draft: ProductDraft, entries: Entries, now: datetime | None = None) -> None:
    """Keep what somebody entered, faults included."""
    draft.entries, draft.updated_at = entries, now or timezone.now()
    draft.save(update_fields=["entries", "updated_at"])


def with_choices(draft: ProductDraft, entries: Entries) -> Entries:
    """Give columns that became a choice the values that the draft's table has."""
    columns = [
        texts | {"choices": "\n".join(_values(draft, texts["heading"]))}
        if _needs_choices(draft, texts)
        else texts
        for texts in entries["columns"]
    ]
    return entries | {"columns": columns}


def _needs_choices(draft: ProductDraft, texts: Mapping[str, Any]) -> bool:
    return (
        bool(draft.digest)
        and texts["kind"] == "category"
        and not texts["choices"].strip()
        and in_schema(texts)
    )


def _values(draft: ProductDraft, heading: str) -> list[str]:
    """Return the values of a column; none if the table does not have it, or it has too many."""
    from ml.schemas.draft import outcome_values
    from ml.schemas.draft.choices import in_order

    try:
        return in_order(outcome_values(draft.file_name, read_table(draft), heading).counts)
    except DatasetError:
        return []


def save_draft(*, draft: ProductDraft, by: AnyUser, reason: str, train: bool, after: int) -> SavedDraft:
    """Save a draft as a version of a schema, and train by it; all or nothing.

    Parameters
    ----------
    train : bool
        Whether a training with the draft's table is requested.
    after : int
        Number of the version that the person compared the draft with; 0 for a new product.

    Raises
    ------
    InvalidFields
        If the reason or the name is invalid.
    Conflict
        If the draft has faults, was saved already, or another version was added meanwhile.
    DatasetError
        If its table cannot be read by the schema.
    """
    with write_transaction():
        schema = _checked(draft)
        product = _save(draft, schema, by, reason, after)
        run = None
        if train:
            file = store_training_file(
                name=draft.file_name,
                content=read_table(draft),
                by=by,
                product_id=product.pk,
                wishes=Wishes(decimal=Convention.POINT),  # as the table was read for the draft
            )
            run = request_training(file=file, recipe=RECIPE, by=by)
        _delete(draft)
        record_end(draft, Became.SAVED, product.pk)
    return SavedDraft(product, run)


def _checked(draft: ProductDraft) -> Schema:
    if not ProductDraft.objects.select_for_update().filter(pk=draft.pk).exists():
        raise Conflict("This draft was saved or discarded meanwhile.")
    schema = draft_entries.check_entries(draft.entries).schema
    if schema is None:
        raise Conflict("The draft has faults. Nothing was saved.")
    return schema


def _save(draft: ProductDraft, schema: Schema, by: AnyUser, reason: str, after: int) -> Product:
    if draft.product is None:
        return products.add_product(schema=schema, by=by, reason=reason)
    if newest_number(draft.product) != after:
        raise Conflict("Another version was added meanwhile. Compare the draft with it, then save again.")
    add_schema_version(product=draft.product, schema=schema, by=by, reason=reason)
    return draft.product


def newest_number(product: Product) -> int:
    """Return the number of a product's newest schema; the built-in one's first version is no row."""
    newest: SchemaVersion | None = newest_schema(product.pk)
    return newest.number if newest else 1


def discard_draft(*, draft: ProductDraft) -> None:
    """Delete a draft that shall not be saved."""
    with transaction.atomic():
        _delete(draft)
        record_end(draft, Became.DISCARDED)


def _delete(draft: ProductDraft) -> None:
    """Delete a draft, and its tables unless another draft has the same."""
    ProductDraft.objects.filter(pk=draft.pk).delete()
    delete_tables(draft.digests)


def table_faults(draft: ProductDraft, schema: Schema) -> DatasetError | None:
    """Return why a draft's table cannot be trained on by its schema."""
    from ml.tables.training_csv import read_training_table

    try:
        read_training_table(schema, draft.file_name, read_table(draft))
    except DatasetError as error:
        return error
    return None


def _create(
    owner: AnyUser, product: Product | None, entries: Mapping[str, Any], file_name: str, content: bytes
) -> ProductDraft:
    return ProductDraft.objects.create(
        owner_id=owner.pk or 0,
        product=product,
        file_name=file_name,
        digest=store_table(content) if content else "",
        entries=entries,
        updated_at=timezone.now(),
    )
