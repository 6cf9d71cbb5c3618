"""Score millions of applications from a file or query into a file or table.

The site stores no row of them. The run is recorded in the audit log.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from predictions.bulk.csv_files import errors_output
from predictions.bulk.scoring import BulkChunk, ChunkScorer, Output, ScoredChunk, ScoringTerms, Source
from predictions.live import active_policy
from predictions.live.active_model import ActiveModel
from predictions.models.querysets import AnyUser
from predictions.services.writing import audit

AUDIT_ACTION = "bulk score"
ProgressCallback = Callable[[str, int, int | None], None]
Engine = Callable[[ChunkScorer, Iterable[BulkChunk]], Iterator[ScoredChunk]]
"""Applies a scorer to chunks and yields results in order, such as `ml.parallel.processes.map_in_order`."""


@dataclass(slots=True)
class BulkRun:
    """A bulk run as it is recorded in the audit log. The names of the fields are stored."""

    input: str
    output: str
    model_version: int
    policy: int
    unused: list[str] = field(default_factory=list)  # columns of the input that the schema does not have
    good: int = 0
    refused: int = 0
    seconds: float = 0.0
    input_sha256: str = ""
    output_sha256: str = ""


def score_source(
    *,
    source: AbstractContextManager[Source],
    output: Callable[[ScoringTerms], AbstractContextManager[Output]],
    errors: Path | None,
    engine: Engine,
    model: ActiveModel,
    by: AnyUser | None,
    progress: ProgressCallback,
) -> BulkRun:
    """Score all of `source` into `output`, and list refused rows in the file `errors`.

    The policy is the one in force for the model's product.
    Both outputs appear complete at the end, or not at all. A repeated Loan_ID is scored each time.

    Raises
    ------
    DatasetError
        If the source as a whole cannot be used.
    UnusableSource
        If a database, a query or a table cannot be used, or if there are no rows.
    WorkerLost
        If a process is killed.
    OSError
        If a file cannot be read or written.
    """
    policy = active_policy.current(model.product_id)
    terms = ScoringTerms(model.schema, policy.rule, model.version_id, policy.pk)
    started = time.perf_counter()
    with ExitStack() as opened:
        reader = opened.enter_context(source)
        writer = opened.enter_context(output(terms))
        refusals = errors_output(errors, reader.place, model.schema) if errors else None
        errors_file = opened.enter_context(refusals) if refusals else None
        run = BulkRun(reader.name, writer.name, model.version_id, policy.pk, unused=[*reader.further])
        scorer = ChunkScorer(model.predictor, model.remarks, writer.format, policy.rule)
        for chunk in engine(scorer, reader.chunks):
            if chunk.rows is not None:
                writer.write(chunk.rows)
            if errors_file:
                errors_file.write(chunk.faults)
            run.good += chunk.scored
            run.refused += chunk.refused
            progress(f"scoring, {reader.unit}", *reader.done())
        if not run.good + run.refused:
            raise reader.empty
        run.seconds = round(time.perf_counter() - started, 3)
        run.input_sha256, run.output_sha256 = reader.sha256(), writer.sha256()
        audit.record(by=by, action=AUDIT_ACTION, detail=asdict(run))
    return run
