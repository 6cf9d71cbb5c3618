"""What a process does with one chunk of applications, wherever it runs: no Django, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from ml.bulk import BlockReader, Refusal
from ml.csv_chunk import Block
from ml.kinds import ByKind, Said, Score
from ml.outcomes import Rule
from ml.plain_block import PlainBlock
from ml.scores import MOST_GIVEN, Predictor, adverse
from predictions.csv_safe import lines

Rows = TypeVar("Rows")
Rows_co = TypeVar("Rows_co", covariant=True)


class Chunk(Protocol):
    """Applications as they were read."""

    def block(self) -> Block | PlainBlock | None: ...


class Form(Protocol[Said, Rows_co]):
    """How results are written down: what is said of a kind of application, and the rows of a chunk."""

    def say(self, score: Score) -> Said: ...

    def rows(self, loan_ids: Sequence[str], said: Sequence[Said]) -> Rows_co: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """By whose numbers an application is judged."""

    rule: Rule
    model_version: int
    policy: int

    def result(self, score: Score) -> tuple[int, str, str]:
        """Return whether the threshold approves, the outcome, and the reasons in words."""
        against = adverse(score.explanation.reasons)[:MOST_GIVEN]
        reasons = "; ".join(reason["text"] for reason in against)
        outcome = self.rule.outcome(score.probability, score.gaps)
        return int(self.rule.approves(score.probability)), outcome, reasons


class Scored(NamedTuple, Generic[Rows]):
    """A chunk's results in their form, its refused rows as CSV, and how many there are of both."""

    rows: Rows | None
    faults: bytes
    good: int
    refused: int


class ChunkScorer(Generic[Said, Rows]):
    """Checks and scores chunks; what it has met makes it quick."""

    def __init__(self, predictor: Predictor, form: Form[Said, Rows]) -> None:
        self._predictor, self._form = predictor, form
        self._read, self._score = BlockReader(), ByKind(predictor, form.say)

    def __reduce__(self) -> tuple[type["ChunkScorer[Said, Rows]"], tuple[Predictor, Form[Said, Rows]]]:
        """Travel between processes without what was met here."""
        return ChunkScorer, (self._predictor, self._form)

    def __call__(self, chunk: Chunk) -> Scored[Rows]:
        block = chunk.block()
        if block is None:
            return Scored(None, b"", 0, 0)
        loan_ids, columns, refused = self._read(block)
        rows = self._form.rows(loan_ids, self._score(columns)) if loan_ids else None
        return Scored(rows, _faults(refused), len(loan_ids), len(refused))


def _faults(refused: Sequence[Refusal]) -> bytes:
    rows = (
        (fault.line, loan_id, fault.column, fault.value, fault.expected)
        for loan_id, faults in refused
        for fault in faults
    )
    return "".join(lines(rows)).encode()
