"""Export of the filtered history as CSV."""

from collections.abc import Iterator, Mapping, Sequence

from ml.schemas.schema import LOAN_ID
from ml.scorecard.outcomes import cause_codes, remark_codes
from predictions.live.schemas import newest_schema_of
from predictions.models import Decision, Prediction, Product
from predictions.models.querysets import AnyUser
from predictions.reading import keyset
from predictions.reading.filters import PredictionRows
from predictions.reading.keyset import SortOrder
from predictions.services.writing import audit
from predictions.services.writing.audit import audited_csv_lines, reasons_sentence
from predictions.words.times import site_time

CHUNK_ROWS = 1_000
_JOINED = ("owner", "policy", "explanation")
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
_NO_DECISION = ("",) * 10


def export_history(
    *, rows: PredictionRows, order: SortOrder, filters: Mapping[str, str], by: AnyUser, product: Product
) -> Iterator[str]:
    """Return the lines of the file.

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
    audit.record(by=by, action="history download", detail=asked)
    columns = newest_schema_of(product.pk).columns
    return audited_csv_lines(
        action="history download",
        by=by,
        asked=asked,
        header=(*_BEFORE_INPUTS, *columns, *_AFTER_INPUTS),
        rows=_rows(rows, order, columns),
    )


def _rows(rows: PredictionRows, order: SortOrder, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """Read chunks by key: no transaction stays open, and memory does not grow with the number of rows."""
    following = rows
    while chunk := list(keyset.first_rows(following, order, CHUNK_ROWS).select_related(*_JOINED)):
        decisions = _newest_decisions(chunk)
        for prediction in chunk:
            yield _cells(prediction, columns, decisions.get(prediction.pk))
        following = order.after(rows, chunk[-1].pk, among=Prediction.objects.all())


def _newest_decisions(chunk: list[Prediction]) -> dict[int, Decision]:
    """Return the newest decision of each prediction, by the prediction's id."""
    newest = Decision.objects.latest_of_each().filter(prediction__in=[row.pk for row in chunk])
    return {decision.prediction_id: decision for decision in newest.select_related("by", "confirmed_by")}


def _cells(prediction: Prediction, columns: Sequence[str], decision: Decision | None) -> tuple[object, ...]:
    policy, inputs = prediction.policy, prediction.inputs
    return (
        *(prediction.pk, prediction.loan_id, site_time(prediction.created_at).isoformat()),
        *(prediction.outcome, prediction.approval_probability),
        *(policy.threshold, policy.refer_low, policy.refer_high, policy.pk, prediction.model_version_id),
        *(inputs.get(column) for column in columns),
        *("; ".join(prediction.missing), reasons_sentence(prediction.reasons)),
        *(cause_codes(prediction.causes), remark_codes(prediction.warnings)),
        *(_decision_cells(decision) if decision else _NO_DECISION),
        *(prediction.owner.get_username(), prediction.source, prediction.request_id),
    )


def _decision_cells(decision: Decision) -> tuple[object, ...]:
    return (
        *(decision.verdict, "yes" if decision.override else "no", decision.code),
        *(decision.note, decision.applicant_text, _terms_cell(decision), decision.probability),
        *(decision.by.get_username(), decision.confirmed_by and decision.confirmed_by.get_username()),
        site_time(decision.at).isoformat(),
    )


def _terms_cell(decision: Decision) -> str:
    return "; ".join(f"{column}: {value:.10g}" for column, value in (decision.terms or {}).items())
