"""Look at a file before it is stored: what was understood of it, and how many of its rows could be scored."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ml.errors import DatasetError
from ml.intake.preview import Preview, preview
from ml.intake.understanding import Understanding, Wishes
from ml.schemas.schema import Schema
from ml.tables.csv_stream import CsvStream
from predictions.live import active_model
from predictions.models import Batch, LoanIdEntry
from predictions.models.querysets import AnyUser
from predictions.services.scoring import namespaces
from predictions.services.uploads.looks import Look, Looked, fault_facts, raw_rows, row_facts, understood
from predictions.services.uploads.readings import read_file

_MAX_IDS = 50_000  # of a file that are looked up


def look_at(
    *, schema: Schema, name: str, path: Path, wishes: Wishes, plain: Path, user: AnyUser, product_id: int
) -> Looked:
    """Look at a file of a person; nothing of it is stored but the plain file.

    Raises
    ------
    DatasetError
        If the file cannot be read at all. What a person can correct is part of the look.
    """
    understanding, scored = read_file(schema, name, path, wishes, plain)
    facts = understood(understanding) | _earlier(understanding, user, product_id)
    try:
        remarks = active_model.current(product_id).remarks
        facts |= _counts(preview(schema, understanding, scored, remarks))
        facts |= _known(schema, name, scored, user, product_id)
    except DatasetError as error:
        facts |= _NOTHING_COUNTED | {"problems": [fault.expected for fault in error.faults]}
        facts["first_rows"] = raw_rows(understanding)
    return Looked(facts, scored)


_NOTHING_COUNTED: Look = {
    **dict.fromkeys(("ready", "remarked", "refused", "repeated", "known", "ids_looked_up"), 0),
    "faults": [],
}


def _counts(found: Preview) -> Look:
    return {
        "ready": found.good + found.remarked - found.repeated,
        "remarked": found.remarked,
        "refused": found.refused + found.repeated,
        "repeated": found.repeated,
        "first_rows": row_facts(found.rows),
        "faults": fault_facts(found.faults),
    }


def _earlier(understanding: Understanding, user: AnyUser, product_id: int) -> Look:
    """Return the newest batch of the same file that the user may see."""
    same = Batch.objects.of_product(product_id).filter(digest=understanding.digest).visible_to(user)
    newest = same.order_by("-pk").values_list("pk", flat=True).first()
    return {"sent_before": newest}


def _known(schema: Schema, name: str, plain: Path, user: AnyUser, product_id: int) -> Look:
    """Count the IDs of a file that have an application already, in the namespace of the sender."""
    if schema.id_column is None:
        return {"known": 0, "ids_looked_up": 0}
    rows = LoanIdEntry.objects.of_product(product_id)
    of_staff = namespaces.shares_staff_ids(user)
    rows = rows.filter(owner__in=namespaces.staff_accounts()) if of_staff else rows.filter(owner=user.pk)
    ids = [*itertools.islice(_ids(schema, name, plain), _MAX_IDS)]
    known = rows.with_many_ids(ids).values("loan_id").distinct().count()
    return {"known": known, "ids_looked_up": len(ids)}


def _ids(schema: Schema, name: str, plain: Path) -> Iterator[str]:
    with plain.open("rb") as file:
        blocks: Iterable[Any] = CsvStream(schema, name, file).blocks()
        for block in blocks:
            yield from block.cells(schema.id_field)
