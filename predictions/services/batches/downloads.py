"""Results and errors of a batch as CSV, in the order of its file; each download is audited."""

from collections.abc import Iterator, Set

from django.db.models import TextField
from django.db.models.functions import Cast

from ml.scorecard.outcomes import cause_codes, remark_codes
from ml.scorecard.scores import MAX_ADVERSE_REASONS, adverse_reasons
from predictions.bulk.scoring import errors_header, results_header
from predictions.errors import Conflict
from predictions.live.schemas import schema_of_version
from predictions.models import Batch, BatchChunk, Explanation, Policy, Prediction
from predictions.models.querysets import AnyUser
from predictions.services.writing import audit
from predictions.services.writing.audit import CsvRow, audited_csv_lines

SUFFIX = "_in_file"  # of a further column whose name is one of the results' own

_NO_REMARKS = "[]"


def result_lines(*, batch: Batch, by: AnyUser) -> Iterator[str]:
    """Return the lines of all scored rows. Raises `Conflict` until the batch is finished."""
    return _download("batch results", batch, by, _header(batch), _results(batch))


def error_lines(*, batch: Batch, by: AnyUser) -> Iterator[str]:
    """Return the lines of all faults. Raises `Conflict` until the batch is finished."""
    header = errors_header("line", schema_of_version(batch.model_version_id))
    return _download("batch errors", batch, by, header, _errors(batch))


def _header(batch: Batch) -> list[str]:
    """Return the heading of the results: our columns, then the file's further ones, renamed if ours clash."""
    header = [*results_header(schema_of_version(batch.model_version_id)), "id"]
    taken = {heading.lower() for heading in header}
    for name in batch.further_columns or ():
        header.append(_free_name(name, taken))
        taken.add(header[-1].lower())
    return header


def _free_name(name: str, taken: Set[str]) -> str:
    return _free_name(name + SUFFIX, taken) if name.lower() in taken else name


def _download(
    action: str, batch: Batch, by: AnyUser, header: CsvRow, rows: Iterator[CsvRow]
) -> Iterator[str]:
    if not batch.finished:
        raise Conflict(f"This batch is {batch.status}; its files are there once it is over.")
    asked: dict[str, object] = {"batch": batch.pk}
    audit.record(by=by, action=action, detail=asked)
    return audited_csv_lines(action=action, by=by, asked=asked, header=header, rows=rows)


def _chunks(batch: Batch) -> Iterator[BatchChunk]:
    """Yield the finished chunks one by one, so that no transaction stays open and memory does not grow."""
    done, number = batch.chunks.done().order_by("number"), -1
    while chunk := done.filter(number__gt=number).first():
        yield chunk
        number = chunk.number


def _results(batch: Batch) -> Iterator[CsvRow]:
    for chunk in _chunks(batch):
        yield from _scored(batch, chunk) if chunk.scored else ()


def _scored(batch: Batch, chunk: BatchChunk) -> Iterator[CsvRow]:
    stored = chunk.predictions
    facts = ("pk", "loan_id", "approval_probability", "outcome", "explanation_id")
    rows = list(stored.values_list(*facts, Cast("warnings", TextField())))
    reasons = _reasons({explained_by for *_, explained_by, _ in rows})
    plain = _outcomes_without_causes(batch.policy)
    with_causes = stored.in_bulk(
        [pk for pk, *_, outcome, _, remarks in rows if remarks != _NO_REMARKS or outcome not in plain]
    )
    further, absent = chunk.further or {}, [""] * len(batch.further_columns or ())
    for pk, loan_id, probability, outcome, explained_by, _ in rows:
        approved, causes, remarks = _why(with_causes.get(pk), batch.policy, outcome)
        values = (f"{probability:.17g}", approved, outcome, reasons[explained_by], causes, remarks)
        terms = batch.model_version_id, batch.policy_id, pk
        yield (loan_id, *values, *terms, *further.get(loan_id, absent))


def _outcomes_without_causes(policy: Policy) -> set[str]:
    """Return the outcomes that have no cause where there is no remark; a rule may deny."""
    outcomes = Prediction.Outcome
    return {outcomes.APPROVED.value} | (set() if policy.rule.has_checks else {outcomes.DENIED.value})


def _why(prediction: Prediction | None, policy: Policy, outcome: str) -> tuple[int, str, str]:
    """Return whether the prediction is approved, its causes, and its remarks."""
    if prediction is None:
        return int(outcome == Prediction.Outcome.APPROVED), "", ""
    prediction.policy = policy  # of the whole batch: no query for each row
    return int(prediction.approved), cause_codes(prediction.causes), remark_codes(prediction.warnings)


def _reasons(keys: set[int]) -> dict[int, str]:
    explanations = Explanation.objects.in_bulk(keys)
    return {
        key: "; ".join(
            reason["text"] for reason in adverse_reasons(explanation.reasons)[:MAX_ADVERSE_REASONS]
        )
        for key, explanation in explanations.items()
    }


def _errors(batch: Batch) -> Iterator[CsvRow]:
    for chunk in _chunks(batch):
        yield from chunk.refusals
