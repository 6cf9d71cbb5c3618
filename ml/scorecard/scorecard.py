"""The compiled scorecard: a points table that scores by look-up and explains itself. No scikit-learn here.

Log-odds of approval = base + one number per column. Score, contributions, reasons and JSON all come from
this one table.
"""

import bisect
import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.applications.schema import BY_COLUMN, Kind
from ml.applications.types import ApplicationValues, Column, Columns, Floats, Value
from ml.scorecard.columns import BY_MODEL_COLUMN, ModelColumn
from ml.scorecard.missing_value_bounds import ProbabilityBounds
from ml.scorecard.scores import Reason, ScoreExplanation, Scores

FORMAT = "loansite-scorecard"
FORMAT_VERSION = 1
UNSEEN_VERSION = 2  # of a table in which a column has codes that were not seen in training

# Most applications share all their bins with others.
_MOST_EXPLANATIONS = 4096


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of the points table.

    Attributes
    ----------
    points : float
        What the bin adds to the log-odds.
    rows, approved : int
        Training rows in the bin, and how many of them were approved.
    """

    label: str
    points: float
    rows: int
    approved: int


class ScorecardColumn:
    """The bins of one model column; the last bin is the one for missing values.

    Before it stands one for the codes in `unseen`, those of choices that no training row had, if any are.
    """

    def __init__(
        self, column: str, edges: Sequence[float], bins: Sequence[Bin], unseen: Sequence[int] = ()
    ) -> None:
        needed = len(edges) + 2 + bool(unseen)
        if len(bins) != needed:
            raise ValueError(f"{column}: {len(edges)} edges need {needed} bins, not {len(bins)}.")
        self.model_column: ModelColumn = BY_MODEL_COLUMN[column]
        self.column = column
        self.edges = [float(edge) for edge in edges]
        self.unseen = list(unseen)
        self.bins = list(bins)
        self.points = np.array([row.points for row in bins])
        self.reasons: list[Reason] = [self._reason(row) for row in bins]
        # NaN sorts after every number, so an edge of NaN puts missing values behind the last bin.
        self._edges = np.array([*self.edges, np.nan])
        self._unseen_bin = len(self.edges) + 1

    def bin_of(self, columns: Columns | ApplicationValues) -> Any:
        """Return the bin of each row, ints of shape (n,), or the bin of one application's values."""
        values = self.model_column.values(columns)
        if isinstance(values, float):
            if math.isnan(values):
                return len(self.bins) - 1
            return self._unseen_bin if values in self.unseen else bisect.bisect_right(self.edges, values)
        found = self._edges.searchsorted(values, side="right")
        if self.unseen:
            found[np.isnan(values)] = len(self.bins) - 1
            found[np.isin(values, self.unseen)] = self._unseen_bin
        return found

    def _reason(self, row: Bin) -> Reason:
        label = self.model_column.label
        return {
            "column": self.column,
            "label": label,
            "contribution": row.points,
            "text": f"{label}: {row.label}",
        }


def _column(entry: dict[str, Any]) -> ScorecardColumn:
    bins = [Bin(**row) for row in entry["bins"]]
    return ScorecardColumn(entry["column"], entry["edges"], bins, entry.get("unseen", ()))


def _once(source: str, values: Column) -> Any:
    """Turn numbers into an array here, not in each of the columns that read them."""
    return np.array(values, dtype=np.float64) if BY_COLUMN[source].kind is Kind.NUMBER else values


def _first(source: str, values: Column) -> Value:
    value = values[0]
    if BY_COLUMN[source].kind is Kind.NUMBER:
        return math.nan if value is None else float(value)
    return value


def _missing(source: str, values: Any) -> Any:
    if BY_COLUMN[source].kind is Kind.NUMBER:
        return np.isnan(values)
    return np.array([value is None for value in values]) if None in values else 0


def _is_missing(value: Any) -> bool:
    return value is None or value != value  # noqa: PLR0124 - NaN


def _probability(log_odds: Any) -> Any:
    return 1 / (1 + np.exp(-log_odds))


class Scorecard:
    """Points table of a fitted weight-of-evidence pipeline (see `ml.training.compilation`)."""

    def __init__(self, base: float, columns: Sequence[ScorecardColumn]) -> None:
        self.base = float(base)
        self.columns = list(columns)
        read = {source for column in columns for source in column.model_column.sources}
        self.sources = tuple(sorted(read))
        self._explain = functools.lru_cache(_MOST_EXPLANATIONS)(self._explanation)
        self._gaps = functools.lru_cache(_MOST_EXPLANATIONS)(self._spans)

    def __reduce__(self) -> tuple[Any, tuple[dict[str, Any]]]:
        """Travel between processes as JSON does, without what was remembered here."""
        return Scorecard.from_json, (self.to_json(),)

    def score(self, columns: Columns) -> Scores:
        """Score n applications.

        Parameters
        ----------
        columns : mapping of str to sequence, each of length n
            Values by public column name, ``None`` for a gap.

        Returns
        -------
        Scores
        """
        bins = [column.bin_of(columns) for column in self.columns]
        count = len(next(iter(columns.values())))
        log_odds = np.full(count, self.base)
        for column, found in zip(self.columns, bins, strict=True):
            log_odds += column.points[found]
        probability = _probability(log_odds)
        of_row = np.array(bins, dtype=np.int64).reshape(len(bins), count).T.tolist()

        def gaps(row: int) -> ProbabilityBounds | None:
            missing = (source for source in self.sources if columns[source][row] is None)
            return self._gaps(tuple(of_row[row]), tuple(missing))

        return Scores(probability.tolist(), log_odds.tolist(), lambda row: self._explain(*of_row[row]), gaps)

    def kinds(self, columns: Columns) -> list[int]:
        """Number rows by their bins and their missing values (see `Predictor.kinds`)."""
        count = len(next(iter(columns.values())))
        if count == 1:
            one = {source: _first(source, columns[source]) for source in self.sources}
            return [self._number(0, one, map(_is_missing, one.values()))]
        many = {source: _once(source, columns[source]) for source in self.sources}
        missing = map(_missing, many, many.values())
        kinds: list[int] = self._number(np.zeros(count, dtype=np.int64), many, missing).tolist()
        return kinds

    def _number(self, number: Any, read: Columns | ApplicationValues, missing: Iterable[Any]) -> Any:
        for column in self.columns:
            number = number * len(column.bins) + column.bin_of(read)
        for gone in missing:
            number = 2 * number + gone
        return number

    def contributions(self, columns: Columns) -> Floats:
        """Return what each column adds to the log-odds, shape (n, len(self.columns))."""
        return np.column_stack([column.points[column.bin_of(columns)] for column in self.columns])

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain JSON values; `from_json` restores it exactly."""
        return {
            "format": FORMAT,
            "version": self.version,
            "base": self.base,
            "columns": [
                {
                    "column": column.column,
                    "edges": column.edges,
                    "bins": [
                        {"label": b.label, "points": b.points, "rows": b.rows, "approved": b.approved}
                        for b in column.bins
                    ],
                    **({"unseen": column.unseen} if column.unseen else {}),
                }
                for column in self.columns
            ],
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Scorecard":
        """Restore a table; raises ValueError when `document` is not one of this format."""
        versions = (FORMAT_VERSION, UNSEEN_VERSION)
        if document.get("format") != FORMAT or document.get("version") not in versions:
            raise ValueError(f"This is not a {FORMAT} document of version {' or '.join(map(str, versions))}.")
        return cls(document["base"], [_column(entry) for entry in document["columns"]])

    @property
    def version(self) -> int:
        """Return the version of its JSON: an older reader must not take it where it would score otherwise."""
        return UNSEEN_VERSION if any(column.unseen for column in self.columns) else FORMAT_VERSION

    def _explanation(self, *bins: int) -> ScoreExplanation:
        reasons = [column.reasons[found] for column, found in zip(self.columns, bins, strict=True)]
        return ScoreExplanation(self.base, reasons)

    def _spans(self, bins: Sequence[int], missing: Sequence[str]) -> ProbabilityBounds | None:
        """Try every bin of the columns that a missing value keeps in their bin for missing values."""
        alone = {source: self._span(bins, {source}) for source in missing}
        open_ = {source: [low, high] for source, (low, high) in alone.items() if low < high}
        return {"together": [*self._span(bins, set(missing))], "alone": open_} if open_ else None

    def _span(self, bins: Sequence[int], known: set[str]) -> tuple[float, float]:
        """Return the lowest and the highest probability once `known` have values.

        Ratios of one amount rise and fall together, so that all of them can be at their worst at once.
        """
        low = high = self.base
        for column, found in zip(self.columns, bins, strict=True):
            points = column.points
            is_open = found == len(points) - 1 and known & set(column.model_column.sources)
            choice = points[:-1] if is_open else points[found : found + 1]
            low, high = low + choice.min(), high + choice.max()
        return float(_probability(low)), float(_probability(high))
