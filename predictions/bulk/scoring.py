"""Scoring of one chunk of applications, in any process: without Django and without a database."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from ml.applications.plausibility import RemarkFinder, Remarks, referring_remarks
from ml.applications.types import Columns, to_python
from ml.schemas.schema import LOAN_ID, Schema
from ml.scorecard.outcomes import DecisionRule, cause_codes, remark_codes
from ml.scorecard.policy_rules import Held
from ml.scorecard.score_cache import MAX_CACHED, CachedScore, Result, ScoreCache
from ml.scorecard.scores import MAX_ADVERSE_REASONS, Predictor, adverse_reasons
from ml.tables.block_reader import BlockReader, RefusedRow
from ml.tables.csv_chunk import CellBlock
from ml.tables.plain_block import PlainBlock
from ml.tables.safe_csv import csv_lines

ResultRows = TypeVar("ResultRows")
ResultRows_co = TypeVar("ResultRows_co", covariant=True)


class BulkChunk(Protocol):
    """A chunk of a source. `block` returns its applications, or None if there are none."""

    def block(self) -> CellBlock | PlainBlock | None: ...


class Findings(NamedTuple):
    """What an application's own values say.

    Remarks, those that refer it if the policy refers for remarks, and the rules and limits that hold.
    """

    remarks: Remarks
    referring: Remarks
    held: Held


NOTHING_FOUND = Findings((), (), ())


class ResultFormat(Protocol[Result, ResultRows_co]):
    """The format of an output.

    `result_of` formats a score with its findings, without the Loan_ID. `rows` joins the Loan_IDs and results
    of a chunk.
    """

    def result_of(self, score: CachedScore, found: Findings = NOTHING_FOUND) -> Result: ...

    def rows(self, loan_ids: Sequence[str], results: Sequence[Result]) -> ResultRows_co: ...


RESULT_COLUMNS = (
    *("approval_probability", "approved", "outcome", "reasons", "causes", "remarks"),
    *("model_version", "policy"),
)
_OURS = frozenset({*RESULT_COLUMNS, "id", "line", "row", "field", "value", "expectation"})


def id_heading(schema: Schema) -> str:
    """Return what results call an application's ID: as files do, unless a column of ours has this name."""
    return LOAN_ID if schema.id_field.lower() in _OURS else schema.id_field


def results_header(schema: Schema) -> tuple[str, ...]:
    """Return the columns of results."""
    return (id_heading(schema), *RESULT_COLUMNS)


def errors_header(place: str, schema: Schema) -> tuple[str, ...]:
    """Return the columns of a list of refused rows. `place` is the first one: line or row."""
    return (place, id_heading(schema), "field", "value", "expectation")


@dataclass(frozen=True, slots=True)
class ScoringTerms:
    """What applications are scored by: schema, policy and versions. The ids are written beside results."""

    schema: Schema
    rule: DecisionRule
    model_version: int
    policy: int

    def result(self, score: CachedScore, found: Findings) -> tuple[int, str, str, str, str]:
        """Return approved (1 or 0), outcome, adverse reasons in words, and codes of causes and remarks."""
        adverse = adverse_reasons(score.explanation.reasons)[:MAX_ADVERSE_REASONS]
        reasons = "; ".join(reason["text"] for reason in adverse)
        facts = score.probability, score.gaps, found.referring, found.held
        causes = cause_codes(self.rule.causes(self.schema, *facts))
        approved = int(self.rule.approves(score.probability, found.referring, found.held))
        return approved, self.rule.outcome(*facts), reasons, causes, remark_codes(found.remarks)


class ScoredChunk(NamedTuple, Generic[ResultRows]):
    """The results of a chunk in the output's format, its refused rows as CSV, and the numbers of both."""

    rows: ResultRows | None
    faults: bytes
    scored: int
    refused: int


class ChunkScorer(Generic[Result, ResultRows]):
    """Checks and scores chunks. Results are cached: applications with equal scores have equal results."""

    def __init__(
        self,
        predictor: Predictor,
        remarks: RemarkFinder,
        format: ResultFormat[Result, ResultRows],
        rule: DecisionRule,
    ) -> None:
        self._arguments = predictor, remarks, format, rule
        self._remarks, self._format, self._rule = remarks, format, rule
        self._schema = predictor.schema
        self._read, self._result_of = BlockReader(self._schema), ScoreCache(predictor, format.result_of)
        self._score: ScoreCache[CachedScore] = ScoreCache(predictor, lambda score: score)
        self._results_with_findings: dict[Hashable, Result] = {}
        self._read_by_remarks = {name for rule in self._schema.remarks for name in rule.reads}

    def __reduce__(self) -> tuple[type["ChunkScorer[Result, ResultRows]"], tuple[object, ...]]:
        """Pickle the arguments only: each process fills caches of its own."""
        return ChunkScorer, self._arguments

    def __call__(self, chunk: BulkChunk) -> ScoredChunk[ResultRows]:
        block = chunk.block()
        if block is None:
            return ScoredChunk(None, b"", 0, 0)
        loan_ids, columns, refused, _ = self._read(block)
        rows = self._format.rows(loan_ids, self._results(columns)) if loan_ids else None
        return ScoredChunk(rows, _fault_lines(refused), len(loan_ids), len(refused))

    def _results(self, columns: Columns) -> list[Result]:
        """Return a result for each row: first by its score alone, then replaced if its values say more."""
        results = self._result_of(columns)
        rows, alike = self._remarks.alike(columns)
        held = self._rule.held_by_row(self._schema, columns)
        keys: list[Hashable] = [*zip(map(results.__getitem__, rows), alike, strict=True)]
        if held:
            remarked = dict(zip(rows, alike, strict=True))
            rows = [*(remarked.keys() | held.keys())]
            keys = [(results[row], remarked.get(row), held.get(row)) for row in rows]
        self._cache_with_findings(columns, rows, keys)
        for row, result in zip(rows, map(self._results_with_findings.__getitem__, keys), strict=True):
            results[row] = result
        return results

    def _findings(self, columns: Columns) -> dict[int, Findings]:
        """Return the findings by row; rows without any are left out."""
        remarks, held = self._remarks(columns), self._rule.held_by_row(self._schema, columns)
        return {
            row: Findings(
                remarks.get(row, ()),
                self._referring(remarks[row], columns, row) if row in remarks else (),
                held.get(row, ()),
            )
            for row in remarks.keys() | held.keys()
        }

    def _referring(self, remarks: Remarks, columns: Columns, row: int) -> Remarks:
        values = {name: to_python(columns[name][row]) for name in self._read_by_remarks}
        return referring_remarks(self._schema, remarks, values)

    def _cache_with_findings(self, columns: Columns, rows: Sequence[int], keys: Sequence[Hashable]) -> None:
        """Compute the results of rows with findings whose keys are not in the cache."""
        cache = self._results_with_findings
        if len(cache) > MAX_CACHED:
            cache.clear()
        new = set(keys).difference(cache)
        if new:
            examples = {key: row for key, row in zip(keys, rows, strict=True) if key in new}
            subset = {
                name: [to_python(values[row]) for row in examples.values()]
                for name, values in columns.items()
            }
            found, scores = self._findings(subset), self._score(subset)
            for place, (key, score) in enumerate(zip(examples, scores, strict=True)):
                cache[key] = self._format.result_of(score, found.get(place, NOTHING_FOUND))


def _fault_lines(refused: Sequence[RefusedRow]) -> bytes:
    rows = (
        (fault.line, loan_id, fault.column, fault.value, fault.expected)
        for loan_id, faults in refused
        for fault in faults
    )
    return "".join(csv_lines(rows)).encode()


@dataclass(frozen=True, slots=True)
class Source:
    """An open source of applications.

    Attributes
    ----------
    place
        The name of a row's number: line or row.
    further
        Columns that are none of the schema's; they are not used.
    empty
        The error to raise if there are no rows.
    done
        Returns how much has been read and how much there is in total (None if unknown), in `unit`.
    sha256
        Returns the digest of a file's bytes, or of the query's text.
    """

    name: str
    place: str
    further: Sequence[str]
    chunks: Iterable[BulkChunk]
    empty: Exception
    unit: str
    done: Callable[[], tuple[int, int | None]]
    sha256: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Output:
    """An open output of results.

    `write` takes the rows of a chunk in `format`. `sha256` returns the digest of a file's bytes, and an empty
    text for a table.
    """

    name: str
    format: ResultFormat
    write: Callable[[Any], object]
    sha256: Callable[[], str]


ResultRow = tuple[str | float, ...]


class RowFormat:
    """A tuple for each result, with the columns of the CSV."""

    def __init__(self, terms: ScoringTerms) -> None:
        self._terms = terms

    def result_of(self, score: CachedScore, found: Findings = NOTHING_FOUND) -> ResultRow:
        scored_by = self._terms.model_version, self._terms.policy
        return (score.probability, *self._terms.result(score, found), *scored_by)

    def rows(self, loan_ids: Sequence[str], results: Sequence[ResultRow]) -> list[ResultRow]:
        return [(loan_id, *values) for loan_id, values in zip(loan_ids, results, strict=True)]
