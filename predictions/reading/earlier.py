"""How often applications were scored before."""

import json
from collections.abc import Sequence

from django.db import connection
from django.db.models import Count
from django.db.models.expressions import RawSQL

from ml.applications.values import compose_nfc, spellings
from predictions.models import LoanIdEntry
from predictions.models.loan_id_entry import RUNS
from predictions.models.querysets import AnyUser

# The IDs are one value: a database takes only so many.
_EACH_ID = {"sqlite": "SELECT value FROM json_each(%s)", "postgresql": "SELECT unnest(%s::text[])"}


def earlier_counts(loan_ids: Sequence[str], *, owner: AnyUser, product_id: int, before: int) -> list[int]:
    """Return how many predictions of the application of each ID are older than prediction `before`.

    It is one query, which the index on Loan_IDs answers.
    """
    texts = list(dict.fromkeys(text for loan_id in loan_ids for text in spellings(loan_id)))
    ids = json.dumps(texts) if connection.vendor == "sqlite" else texts
    wanted = RawSQL(_EACH_ID[connection.vendor], [ids])  # noqa: S611 - constants
    entries = LoanIdEntry.objects.of_product(product_id).filter(run__in=RUNS, loan_id__in=wanted)
    older = entries.filter(owner=owner.pk, prediction__lt=before)
    counted = older.values_list("loan_id").annotate(Count("pk"))
    numbers: dict[str, int] = {}
    for loan_id, number in counted:
        key = compose_nfc(loan_id)
        numbers[key] = numbers.get(key, 0) + number
    return [numbers.get(compose_nfc(loan_id), 0) for loan_id in loan_ids]
