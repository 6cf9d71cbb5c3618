"""The rows of a batch's results, in the order of its file; for people also in words, with links."""

from collections.abc import Callable, Iterator, Set
from typing import NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast

from ml.scorecard.outcomes import cause_codes, remark_codes
from ml.scorecard.scores import MAX_ADVERSE_REASONS, adverse_reasons
from predictions.bulk.scoring import results_header
from predictions.live.schemas import schema_of_version
from predictions.models import Batch, BatchChunk, Explanation, Policy, Prediction
from predictions.models.prediction import PredictionQuerySet
from predictions.services.writing.audit import CsvRow
from predictions.words.policies import ADVICE, BELOW_THRESHOLD, cause_words

SUFFIX = "_in_file"  # of a further column whose name is one of the results' own
WORDS_COLUMNS = ("outcome_in_words", "causes_in_words", "application")

Link = Callable[[int], str]  # the absolute address of an application
_NO_REMARKS = "[]"


class _Why(NamedTuple):
    """Whether a prediction is approved, its causes and remarks as codes, and the causes in words."""

    approved: int
    causes: str
    remarks: str
    words: str


def header_of(batch: Batch, *, words: bool) -> list[str]:
    """Return our columns, then the file's further ones, renamed if ours clash, then those in words."""
    header = [*results_header(schema_of_version(batch.model_version_id)), "id"]
    last = WORDS_COLUMNS if words else ()
    taken = {heading.lower() for heading in (*header, *last)}
    for name in batch.further_columns or ():
        header.append(_free_name(name, taken))
        taken.add(header[-1].lower())
    return [*header, *last]


def _free_name(name: str, taken: Set[str]) -> str:
    return _free_name(name + SUFFIX, taken) if name.lower() in taken else name


def chunks_of(batch: Batch) -> Iterator[BatchChunk]:
    """Yield the finished chunks one by one, so that no transaction stays open and memory does not grow."""
    done, number = batch.chunks.done().order_by("number"), -1
    while chunk := done.filter(number__gt=number).first():
        yield chunk
        number = chunk.number


def result_rows(batch: Batch, link: Link | None = None) -> Iterator[CsvRow]:
    """Yield the scored rows; with `link`, each with `WORDS_COLUMNS` at its end."""
    for chunk in chunks_of(batch):
        yield from _scored(batch, chunk, link) if chunk.scored else ()


def _scored(batch: Batch, chunk: BatchChunk, link: Link | None) -> Iterator[CsvRow]:
    stored = chunk.predictions
    facts = ("pk", "loan_id", "approval_probability", "outcome", "explanation_id")
    rows = list(stored.values_list(*facts, Cast("warnings", TextField())))
    reasons = _reasons({explained_by for *_, explained_by, _ in rows})
    plain = _outcomes_without_causes(batch.policy)
    with_causes = stored.in_bulk(
        [pk for pk, *_, outcome, _, remarks in rows if remarks != _NO_REMARKS or outcome not in plain]
    )
    applications = _applications(stored) if link else {}
    further, absent = chunk.further or {}, [""] * len(batch.further_columns or ())
    for pk, loan_id, probability, outcome, explained_by, _ in rows:
        why = _why(with_causes.get(pk), batch.policy, outcome)
        values = (
            f"{probability:.17g}",
            why.approved,
            outcome,
            reasons[explained_by],
            why.causes,
            why.remarks,
        )
        terms = batch.model_version_id, batch.policy_id, pk
        last = (_outcome_words(outcome), why.words, link(applications[pk])) if link else ()
        yield (loan_id, *values, *terms, *further.get(loan_id, absent), *last)


def _applications(stored: PredictionQuerySet) -> dict[int, int]:
    """Return the number of each prediction's application."""
    numbered = stored.with_application_id()
    return dict(numbered.values_list("pk", "application_id"))  # type: ignore[misc] # annotated


def _outcomes_without_causes(policy: Policy) -> set[str]:
    """Return the outcomes that have no cause where there is no remark; a rule may deny."""
    outcomes = Prediction.Outcome
    return {outcomes.APPROVED.value} | (set() if policy.rule.has_checks else {outcomes.DENIED.value})


def _why(prediction: Prediction | None, policy: Policy, outcome: str) -> _Why:
    alone = cause_words(BELOW_THRESHOLD) if outcome == Prediction.Outcome.DENIED else ""
    if prediction is None:
        return _Why(int(outcome == Prediction.Outcome.APPROVED), "", "", alone)
    prediction.policy = policy  # of the whole batch: no query for each row
    causes = prediction.causes
    words = " ".join(cause["text"] for cause in causes) or alone
    return _Why(int(prediction.approved), cause_codes(causes), remark_codes(prediction.warnings), words)


def _outcome_words(outcome: str) -> str:
    advice = ADVICE[outcome]
    return advice[0].upper() + advice[1:]


def _reasons(keys: set[int]) -> dict[int, str]:
    explanations = Explanation.objects.in_bulk(keys)
    return {
        key: "; ".join(
            reason["text"] for reason in adverse_reasons(explanation.reasons)[:MAX_ADVERSE_REASONS]
        )
        for key, explanation in explanations.items()
    }
