"""What a process does with one chunk of applications, wherever it runs: no Django, no database."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from ml.applications.plausibility import RemarkFinder, Remarks, referring_remarks
from ml.applications.types import Columns
from ml.scorecard.outcomes import DecisionRule, cause_codes, remark_codes
from ml.scorecard.score_cache import MAX_CACHED, CachedScore, Result, ScoreCache
from ml.scorecard.scores import MAX_ADVERSE_REASONS, Predictor, adverse_reasons
from ml.tables.block_reader import BlockReader, RefusedRow
from ml.tables.csv_chunk import CellBlock
from ml.tables.plain_block import PlainBlock
from ml.tables.safe_csv import csv_lines

ResultRows = TypeVar("ResultRows")
ResultRows_co = TypeVar("ResultRows_co", covariant=True)


class BulkChunk(Protocol):
    """Applications as they were read."""

    def block(self) -> CellBlock | PlainBlock | None: ...


class AppliedRemarks(NamedTuple):
    """Remarks about an application, and those of them that may refer it."""

    remarks: Remarks
    may_refer: Remarks

    def key(self) -> tuple[Hashable, ...]:
        """Return what results tell of them: codes and columns, no values."""
        return remark_codes(self.remarks), len(self.may_refer)


NO_REMARKS = AppliedRemarks((), ())


class ResultFormat(Protocol[Result, ResultRows_co]):
    """How results are written down: what is said of a score with its remarks, and the rows of a chunk."""

    def say(self, score: CachedScore, noted: AppliedRemarks = NO_REMARKS) -> Result: ...

    def rows(self, loan_ids: Sequence[str], said: Sequence[Result]) -> ResultRows_co: ...


@dataclass(frozen=True, slots=True)
class ScoringTerms:
    """By whose numbers an application is judged."""

    rule: DecisionRule
    model_version: int
    policy: int

    def result(self, score: CachedScore, noted: AppliedRemarks) -> tuple[int, str, str, str, str]:
        """Return whether it is approved, outcome, reasons in words, and codes of causes and remarks."""
        against = adverse_reasons(score.explanation.reasons)[:MAX_ADVERSE_REASONS]
        reasons = "; ".join(reason["text"] for reason in against)
        judged = score.probability, score.gaps, noted.may_refer
        causes, remarks = cause_codes(self.rule.causes(*judged)), remark_codes(noted.remarks)
        approved = int(self.rule.approves(score.probability, noted.may_refer))
        return approved, self.rule.outcome(*judged), reasons, causes, remarks


class ScoredChunk(NamedTuple, Generic[ResultRows]):
    """A chunk's results in their form, its refused rows as CSV, and how many there are of both."""

    rows: ResultRows | None
    faults: bytes
    good: int
    refused: int


class ChunkScorer(Generic[Result, ResultRows]):
    """Checks and scores chunks; what it has met makes it quick."""

    def __init__(
        self, predictor: Predictor, remarks: RemarkFinder, form: ResultFormat[Result, ResultRows]
    ) -> None:
        self._made_of = predictor, remarks, form
        self._remarks, self._form = remarks, form
        self._read, self._say = BlockReader(), ScoreCache(predictor, form.say)
        self._score: ScoreCache[CachedScore] = ScoreCache(predictor, lambda score: score)
        self._said_with_remarks: dict[Hashable, Result] = {}

    def __reduce__(self) -> tuple[type["ChunkScorer[Result, ResultRows]"], tuple[Any, ...]]:
        """Travel between processes without what was met here."""
        return ChunkScorer, self._made_of

    def __call__(self, chunk: BulkChunk) -> ScoredChunk[ResultRows]:
        block = chunk.block()
        if block is None:
            return ScoredChunk(None, b"", 0, 0)
        loan_ids, columns, refused = self._read(block)
        rows = self._form.rows(loan_ids, self._said(columns)) if loan_ids else None
        return ScoredChunk(rows, _faults(refused), len(loan_ids), len(refused))

    def _said(self, columns: Columns) -> list[Result]:
        """Say the same of all applications of a kind, but for those that there is a remark about."""
        said, joint = self._say(columns), columns["CoapplicantIncome"]
        noted = {
            row: AppliedRemarks(found, referring_remarks(found, joint[row]))
            for row, found in self._remarks(columns).items()
        }
        if noted:
            keys = {row: (said[row], *found.key()) for row, found in noted.items()}
            self._learn(columns, noted, keys)
            for row, key in keys.items():
                said[row] = self._said_with_remarks[key]
        return said

    def _learn(
        self, columns: Columns, noted: Mapping[int, AppliedRemarks], keys: Mapping[int, Hashable]
    ) -> None:
        """Say what remarks make of a kind of application, where that was not said before."""
        known = self._said_with_remarks
        if len(known) > MAX_CACHED:
            known.clear()
        new = {key: row for row, key in keys.items() if key not in known}
        if new:
            some = {name: [values[row] for row in new.values()] for name, values in columns.items()}
            for (key, row), score in zip(new.items(), self._score(some), strict=True):
                known[key] = self._form.say(score, noted[row])


def _faults(refused: Sequence[RefusedRow]) -> bytes:
    rows = (
        (fault.line, loan_id, fault.column, fault.value, fault.expected)
        for loan_id, faults in refused
        for fault in faults
    )
    return "".join(csv_lines(rows)).encode()


@dataclass(frozen=True, slots=True)
class Source:
    """Applications, opened.

    `place` is what a row's number is called. `done` says how much has been read and how much there is, if
    that is known, in `unit`; `sha256` is of all that was read, or of the query that asked for it; `empty` is
    what to raise when there was no row.
    """

    name: str
    place: str
    chunks: Iterable[BulkChunk]
    empty: Exception
    unit: str
    done: Callable[[], tuple[int, int | None]]
    sha256: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Output:
    """A place for results, opened.

    `write` takes the rows of a chunk in their form; `sha256` is of a file's bytes, and empty for a table.
    """

    name: str
    form: ResultFormat[Any, Any]
    write: Callable[[Any], object]
    sha256: Callable[[], str]


ResultRow = tuple[Any, ...]


class RowFormat:
    """A row for each result, with the values of the CSV's columns."""

    def __init__(self, terms: ScoringTerms) -> None:
        self._terms = terms

    def say(self, score: CachedScore, noted: AppliedRemarks = NO_REMARKS) -> ResultRow:
        whose = self._terms.model_version, self._terms.policy
        return (score.probability, *self._terms.result(score, noted), *whose)

    def rows(self, loan_ids: Sequence[str], said: Sequence[ResultRow]) -> list[ResultRow]:
        return [(loan_id, *values) for loan_id, values in zip(loan_ids, said, strict=True)]
