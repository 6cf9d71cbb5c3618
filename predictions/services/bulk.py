"""Applications by the million, scored from one place into another. Nothing is stored of the rows, but that it
was done is."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from predictions.bulk.csv_files import errors_output
from predictions.bulk.scoring import BulkChunk, ChunkScorer, Output, ScoredChunk, ScoringTerms, Source
from predictions.live import active_policy
from predictions.live.active_model import ActiveModel
from predictions.models.querysets import AnyUser
from predictions.services.writing import audit

AUDIT_ACTION = "bulk score"
ProgressCallback = Callable[[str, int, int | None], None]
Engine = Callable[[ChunkScorer[Any, Any], Iterable[BulkChunk]], Iterator[ScoredChunk[Any]]]


@dataclass(slots=True)
class BulkRun:
    """What goes on record."""

    input: str
    output: str
    model_version: int
    policy: int
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
    """Score all of `source` into `output` under the policy in force; list refused rows in the file `errors`.

    Both appear whole when all is done, or not at all. A Loan_ID that repeats is scored each time.

    Raises
    ------
    DatasetError
        When the source as a whole cannot be used.
    WorkerLost, BadSource, OSError
    """
    policy = active_policy.current()
    terms = ScoringTerms(policy.rule, model.version_id, policy.pk)
    started = time.perf_counter()
    with ExitStack() as opened:
        read = opened.enter_context(source)
        written = opened.enter_context(output(terms))
        listed = opened.enter_context(errors_output(errors, read.place)).write if errors else None
        run = BulkRun(read.name, written.name, model.version_id, policy.pk)
        for scored in engine(ChunkScorer(model.predictor, model.remarks, written.form), read.chunks):
            _take(run, scored, written.write, listed)
            progress(f"scoring, {read.unit}", *read.done())
        if not run.good + run.refused:
            raise read.empty
        run.seconds = round(time.perf_counter() - started, 3)
        run.input_sha256, run.output_sha256 = read.sha256(), written.sha256()
        audit.record(by=by, action=AUDIT_ACTION, detail=asdict(run))
    return run


def _take(
    run: BulkRun,
    scored: ScoredChunk[Any],
    write: Callable[[Any], object],
    listed: Callable[[bytes], object] | None,
) -> None:
    if scored.rows is not None:
        write(scored.rows)
    if listed:
        listed(scored.faults)
    run.good += scored.good
    run.refused += scored.refused
