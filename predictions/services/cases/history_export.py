"""Export of the filtered history as CSV."""

from collections.abc import Iterator, Mapping, Sequence

from ml.schemas.schema import LOAN_ID
from ml.tables.safe_csv import csv_lines
from predictions.live.schemas import newest_schema_of
from predictions.models import Prediction, Product
from predictions.models.querysets import AnyUser
from predictions.reading.filters import PredictionRows
from predictions.reading.keyset import SortOrder
from predictions.services.cases.history_lines import HistoryLines
from predictions.services.writing import audit
from predictions.services.writing.audit import audited_download

CHUNK_ROWS = 2_000
KEYS_AT_ONCE = 100_000  # ids that are looked up together: an order without an index sorts all rows each time
_ACTION = "history download"
_BEFORE_INPUTS = (
    *("id", LOAN_ID, "created_at", "outcome", "approval_probability"),
    *("threshold", "refer_low", "refer_high", "policy", "model_version"),
)
_AFTER_INPUTS = (
    *("missing", "reasons", "causes", "remarks"),
    *("decision", "override", "decision_code", "decision_note", "applicant_text"),
    *("decision_terms", "decision_probability"),
    *("decided_by", "confirmed_by", "decided_at"),
    *("scored_by", "source", "request_id"),
)


def export_history(
    *, rows: PredictionRows, order: SortOrder, filters: Mapping[str, str], by: AnyUser, product: Product
) -> Iterator[str]:
    """Return the text of the file in parts of many lines.

    The columns of values are those of the product's newest schema. A case that was read by another version
    leaves the columns empty that it does not have. The audit log records the download, and later how many
    cases were sent.

    Parameters
    ----------
    rows
        Predictions of `product`.
    """
    asked: dict[str, object] = {"filters": dict(filters)}
    asked |= {} if product.alone else {"product": product.name}
    audit.record(by=by, action=_ACTION, detail=asked)
    return _audited_parts(by, asked, newest_schema_of(product.pk).columns, _chunks(rows, order))


def _audited_parts(
    by: AnyUser, asked: Mapping[str, object], columns: Sequence[str], chunks: Iterator[Sequence[int]]
) -> Iterator[str]:
    with audited_download(action=_ACTION, by=by, asked=asked) as taken:
        yield from csv_lines([(*_BEFORE_INPUTS, *columns, *_AFTER_INPUTS)])
        lines = HistoryLines(columns)
        for keys in chunks:
            part = lines.of(keys)
            taken.cases += len(part)
            yield "".join(part)


def _chunks(rows: PredictionRows, order: SortOrder) -> Iterator[Sequence[int]]:
    """Yield ids in order. No transaction stays open, and memory does not grow with the number of rows."""
    following = rows
    while keys := list(order.sort(following).values_list("pk", flat=True)[:KEYS_AT_ONCE]):
        for start in range(0, len(keys), CHUNK_ROWS):
            yield keys[start : start + CHUNK_ROWS]
        following = order.after(rows, keys[-1], among=Prediction.objects.all())
