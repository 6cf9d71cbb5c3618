"""What became of a batch's rows, as its page shows it: counts, a histogram, causes, the first rows."""

from typing import NamedTuple

from ml.figures import percent_text
from ml.schemas.schema import Schema
from predictions.live.schemas import schema_of_version
from predictions.models import Batch
from predictions.services.batches.outcomes import outcomes_of
from predictions.web.plots.bars import bars_of
from predictions.web.presentation import PredictionLine
from predictions.words.policies import ADVICE, cause_words

MOST_FREQUENT = 10
FIRST_ROWS = 10


class OutcomeLine(NamedTuple):
    outcome: str
    rows: int
    share: str


class BatchAnswer:
    """The scored rows of a batch that is over. `uncounted` ones were scored by an earlier release."""

    def __init__(self, batch: Batch, scored: int) -> None:
        outcomes, schema = outcomes_of(batch), schema_of_version(batch.model_version_id)
        self.counted, self.uncounted = outcomes.counted, scored - outcomes.counted
        numbers = {outcome: outcomes.by_outcome[outcome] for outcome in ADVICE}
        self.outcomes = [
            OutcomeLine(outcome, rows, _share(rows, self.counted)) for outcome, rows in numbers.items()
        ]
        self.bars = bars_of(outcomes.by_probability)
        self.causes = [(cause_words(code), number) for code, number in outcomes.causes[:MOST_FREQUENT]]
        self.remarks = [
            (_remark_words(schema, code), number) for code, number in outcomes.remarks[:MOST_FREQUENT]
        ]
        self.first_rows = _first_rows(batch)


def _share(rows: int, counted: int) -> str:
    return percent_text(rows / counted) if counted else ""


def _remark_words(schema: Schema, code: str) -> str:
    """Name a remark of the files, such as ``unusual_value: LoanAmount``, by the label of its column."""
    remark, _, column = code.partition(": ")
    return f"{schema.by_column[column].label}: {remark}" if column in schema.by_column else remark


def _first_rows(batch: Batch) -> list[PredictionLine]:
    lines: list[PredictionLine] = []
    chunks = batch.chunks.done().filter(scored__gt=0).order_by("number").select_related("batch")
    for chunk in chunks.only("number", "first_id", "last_id", "batch__owner")[:FIRST_ROWS]:
        rows = chunk.predictions.for_list_pages()
        lines += [PredictionLine.of(row) for row in rows[: FIRST_ROWS - len(lines)]]
        if len(lines) == FIRST_ROWS:
            break
    return lines
