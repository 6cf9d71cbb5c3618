"""How often applications were scored before."""

import json
from collections.abc import Sequence

from django.db import connection

from ml.applications.values import compose_nfc, spellings
from predictions.models.loan_id_entry import RUNS
from predictions.models.product import stored_product
from predictions.models.querysets import AnyUser

# Every call with one application asks this, and Django takes longer to write the query than SQLite to
# answer it. The IDs are one value: a database takes only so many.
_COUNT = (
    "SELECT loan_id, COUNT(prediction_id) FROM predictions_loanidentry "
    "WHERE run IN ({runs}) AND product_id {is_} %s AND owner_id = %s "
    "AND prediction_id < %s AND loan_id IN ({each_id}) GROUP BY loan_id"
)
_RUNS = ", ".join(map(str, RUNS))
_COUNTS = {
    "sqlite": _COUNT.format(runs=_RUNS, is_="IS", each_id="SELECT value FROM json_each(%s)"),
    "postgresql": _COUNT.format(runs=_RUNS, is_="IS NOT DISTINCT FROM", each_id="SELECT unnest(%s::text[])"),
}


def earlier_counts(loan_ids: Sequence[str], *, owner: AnyUser, product_id: int, before: int) -> list[int]:
    """Return how many predictions of the application of each ID are older than prediction `before`.

    It is one query, which the index on Loan_IDs answers.
    """
    texts = list(dict.fromkeys(text for loan_id in loan_ids for text in spellings(loan_id)))
    ids = json.dumps(texts) if connection.vendor == "sqlite" else texts
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS[connection.vendor], [stored_product(product_id), owner.pk, before, ids])
        counted: list[tuple[str, int]] = cursor.fetchall()
    numbers: dict[str, int] = {}
    for loan_id, number in counted:
        key = compose_nfc(loan_id)
        numbers[key] = numbers.get(key, 0) + number
    return [numbers.get(compose_nfc(loan_id), 0) for loan_id in loan_ids]
