"""A CSV of any size scored into another one. Nothing is stored of its rows, but that it was done is."""

import hashlib
import io
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from operator import add
from pathlib import Path

from ml.bulk import BlockReader, BulkScorer, Refusal
from ml.csv_stream import Block, CsvStream
from ml.gaps import Gaps
from ml.plain_block import PlainBlock
from ml.schema import LOAN_ID
from ml.scores import MOST_GIVEN, Explanation, Predictor, adverse
from ml.whole_files import whole
from predictions import active_policy
from predictions.csv_safe import first_cells, lines
from predictions.models import Policy
from predictions.models.owned import Caller
from predictions.services import audit

ACTION = "bulk score"
HEADER = (LOAN_ID, "approval_probability", "approved", "outcome", "reasons", "model_version", "policy")
ERRORS_HEADER = ("line", LOAN_ID, "field", "value", "expectation")
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Run:
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


class _Output:
    """A file of text that knows its digest."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def write(self, text: str) -> None:
        content = text.encode()
        self.digest.update(content)
        self._file.write(content)


def score_file(
    *,
    source: Path,
    output: Path,
    errors: Path | None,
    version_id: int,
    predictor: Predictor,
    by: Caller | None,
    progress: Progress,
) -> Run:
    """Score `source` into `output` under the policy in force; list refused rows in `errors`.

    Both files appear whole when all is done, or not at all. A Loan_ID that repeats is scored each time.

    Raises
    ------
    DatasetError
        When the file as a whole cannot be used.
    OSError
    """
    policy = active_policy.current()
    run = Run(source.name, output.name, version_id, policy.pk)
    started = time.perf_counter()
    with source.open("rb") as file, ExitStack() as written:
        stream = CsvStream(source.name, file)
        scored = written.enter_context(_output(output))
        listed = written.enter_context(_output(errors)) if errors else None
        scorer = BulkScorer(predictor, _words(policy, version_id))
        _score(run, _shown(stream, file, progress), scorer, scored, listed)
        run.seconds = round(time.perf_counter() - started, 3)
        run.input_sha256, run.output_sha256 = stream.digest.hexdigest(), scored.digest.hexdigest()
        audit.record(by=by, action=ACTION, detail=asdict(run))
    return run


def _score(
    run: Run,
    blocks: Iterable[Block | PlainBlock],
    scorer: BulkScorer,
    scored: _Output,
    listed: _Output | None,
) -> None:
    read = BlockReader()
    scored.write("".join(lines([HEADER])))
    if listed:
        listed.write("".join(lines([ERRORS_HEADER])))
    for block in blocks:
        loan_ids, columns, refused = read(block)
        scored.write("".join(map(add, first_cells(loan_ids), scorer(columns))))
        if listed:
            listed.write("".join(lines(_faults(refused))))
        run.good += len(loan_ids)
        run.refused += len(refused)


def _words(policy: Policy, version_id: int) -> Callable[[float, Explanation, Gaps | None], str]:
    """Return what follows a Loan_ID in its line."""

    def words(probability: float, explanation: Explanation, gaps: Gaps | None) -> str:
        outcome, approved = policy.outcome(probability, gaps), int(policy.approves(probability))
        against = adverse(explanation.reasons)[:MOST_GIVEN]
        reasons = "; ".join(reason["text"] for reason in against)
        return next(lines([("", f"{probability:.17g}", approved, outcome, reasons, version_id, policy.pk)]))

    return words


def _faults(refused: Sequence[Refusal]) -> Iterator[tuple[object, ...]]:
    for loan_id, faults in refused:
        for fault in faults:
            yield fault.line, loan_id[:80], fault.column, fault.value, fault.expected


def _shown(stream: CsvStream, file: io.BufferedReader, progress: Progress) -> Iterator[Block | PlainBlock]:
    """Yield the blocks, and show how much of the file has been read."""
    total = os.fstat(file.fileno()).st_size
    for block in stream.blocks():
        yield block
        progress("scoring, MiB", stream.size >> 20, total >> 20)


@contextmanager
def _output(path: Path) -> Iterator[_Output]:
    with whole(path) as half, half.open("wb") as file:
        yield _Output(file)
