"""The compiled scorecard: a points table that scores by look-up and explains itself.

The log-odds of approval are a base plus the points of one bin per column. Scores, contributions, reasons and
JSON all come from this table. The web worker serves it, so this module does not import scikit-learn.
"""

import bisect
import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import numpy as np

from ml.applications.schema import BY_COLUMN, Kind
from ml.applications.types import ApplicationValues, Column, Columns, Flags, Floats, Ints, Value
from ml.scorecard.columns import BY_MODEL_COLUMN, ModelColumn
from ml.scorecard.missing_value_bounds import ProbabilityBounds
from ml.scorecard.scores import Reason, ScoreExplanation, Scores

FORMAT = "loansite-scorecard"
FORMAT_VERSION = 1
UNSEEN_VERSION = 2  # of a table with codes that were not seen in training

_MAX_CACHED = 4096  # most applications share all their bins with others


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of the points table.

    Attributes
    ----------
    label : str
        Words of the bin in reasons and letters, as training wrote them (`ml.training.compilation`).
    points : float
        Contribution of the bin to the log-odds.
    rows, approved : int
        Training rows in the bin, and the approved ones among them.
    """

    label: str
    points: float
    rows: int
    approved: int


class BinJSON(TypedDict):
    label: str
    points: float
    rows: int
    approved: int


class ColumnJSON(TypedDict):
    column: str
    edges: list[float]
    bins: list[BinJSON]
    unseen: NotRequired[list[int]]


class ScorecardJSON(TypedDict):
    """A `Scorecard` in artefacts and exports."""

    format: str
    version: int
    base: float
    columns: list[ColumnJSON]


class ScorecardColumn:
    """The bins of one model column.

    Parameters
    ----------
    column : str
        Name of the model column.
    edges : sequence of float
        Inner bin edges, rising: bin 0 is below the first, bin i from ``edges[i - 1]`` to under ``edges[i]``.
    bins : sequence of Bin
        One bin more than `edges`, then a bin for `unseen` if there are any, then the bin for missing values.
    unseen : sequence of int
        Codes of choices that no training row had.

    Raises
    ------
    ValueError
        If the number of bins does not fit `edges` and `unseen`.
    """

    def __init__(
        self, column: str, edges: Sequence[float], bins: Sequence[Bin], unseen: Sequence[int] = ()
    ) -> None:
        expected = len(edges) + 2 + bool(unseen)
        if len(bins) != expected:
            raise ValueError(f"{column}: {len(edges)} edges need {expected} bins, not {len(bins)}.")
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

    def bin_of(self, columns: Columns | ApplicationValues) -> Ints | int:
        """Return the bin of each row, shape (n,), or the bin of one application's values."""
        values = self.model_column.values(columns)
        if isinstance(values, float):
            if math.isnan(values):
                return len(self.bins) - 1
            return self._unseen_bin if values in self.unseen else bisect.bisect_right(self.edges, values)
        bins: Ints = self._edges.searchsorted(values, side="right")
        if self.unseen:
            bins[np.isnan(values)] = len(self.bins) - 1
            bins[np.isin(values, self.unseen)] = self._unseen_bin
        return bins

    def _reason(self, row: Bin) -> Reason:
        label = self.model_column.label
        return {
            "column": self.column,
            "label": label,
            "contribution": row.points,
            "text": f"{label}: {row.label}",
        }


class Scorecard:
    """Points table of a fitted weight-of-evidence pipeline (see `ml.training.compilation`).

    `base` is the log-odds of approval before any points are added.
    """

    def __init__(self, base: float, columns: Sequence[ScorecardColumn]) -> None:
        self.base = float(base)
        self.columns = list(columns)
        self.sources = tuple(sorted({name for column in columns for name in column.model_column.sources}))
        self._explain = functools.lru_cache(_MAX_CACHED)(self._explanation)
        self._bounds_of = functools.lru_cache(_MAX_CACHED)(self._bounds)

    def __reduce__(self) -> tuple[Callable[[ScorecardJSON], "Scorecard"], tuple[ScorecardJSON]]:
        """Pickle the table without the caches."""
        return Scorecard.from_json, (self.to_json(),)

    def score(self, columns: Columns) -> Scores:
        """Score n applications.

        Parameters
        ----------
        columns : mapping of str to sequence, each of length n
            Values by public column name, ``None`` for a missing value.

        Examples
        --------
        >>> bins = [Bin("no", -2.0, 40, 4), Bin("yes", 0.5, 200, 160), Bin("not given", 0.0, 0, 0)]
        >>> scorecard = Scorecard(0.7, [ScorecardColumn("Credit_History", [1.0], bins)])
        >>> scores = scorecard.score({"Credit_History": [1.0, 0.0, None]})
        >>> [round(probability, 3) for probability in scores.probability]
        [0.769, 0.214, 0.668]
        >>> scores.explanation(1).reasons[0]["text"]
        'Credit history: no'
        >>> [round(end, 3) for end in scores.gaps(2)["together"]]
        [0.214, 0.769]
        """
        bins = [column.bin_of(columns) for column in self.columns]
        count = len(next(iter(columns.values())))
        log_odds = np.full(count, self.base)
        for column, column_bins in zip(self.columns, bins, strict=True):
            log_odds += column.points[column_bins]
        probability = _probability(log_odds)
        bins_by_row = np.array(bins, dtype=np.int64).reshape(len(bins), count).T.tolist()

        def bounds(row: int) -> ProbabilityBounds | None:
            missing = (source for source in self.sources if columns[source][row] is None)
            return self._bounds_of(tuple(bins_by_row[row]), tuple(missing))

        return Scores(
            probability.tolist(), log_odds.tolist(), lambda row: self._explain(*bins_by_row[row]), bounds
        )

    def cache_keys(self, columns: Columns) -> list[int]:
        """Return a number for each row that its bins and missing values determine (see `Predictor`)."""
        count = len(next(iter(columns.values())))
        if count == 1:
            values = {source: _first_value(source, columns[source]) for source in self.sources}
            key = self._add_bins(0, values)
            for value in values.values():
                key = 2 * key + (value is None or value != value)  # noqa: PLR0124 - NaN
            return [int(key)]
        arrays = {source: _as_array(source, columns[source]) for source in self.sources}
        keys = self._add_bins(np.zeros(count, dtype=np.int64), arrays)
        for source, column in arrays.items():
            keys = 2 * keys + _missing_flags(source, column)
        numbers: list[int] = np.asarray(keys).tolist()
        return numbers

    def _add_bins(self, keys: Ints | int, values: Columns | ApplicationValues) -> Ints | int:
        for column in self.columns:
            keys = keys * len(column.bins) + column.bin_of(values)
        return keys

    def contributions(self, columns: Columns) -> Floats:
        """Return the points of each column, shape (n, n_columns)."""
        return np.column_stack([column.points[column.bin_of(columns)] for column in self.columns])

    def to_json(self) -> ScorecardJSON:
        """Return the table as plain JSON values; `from_json` restores it exactly."""
        return {
            "format": FORMAT,
            "version": self.version,
            "base": self.base,
            "columns": [_column_json(column) for column in self.columns],
        }

    @classmethod
    def from_json(cls, document: ScorecardJSON) -> "Scorecard":
        """Restore a table from the JSON of `to_json`.

        Raises
        ------
        ValueError
            If `document` is of another format or version.
        """
        versions = (FORMAT_VERSION, UNSEEN_VERSION)
        if document.get("format") != FORMAT or document.get("version") not in versions:
            raise ValueError(f"This is not a {FORMAT} document of version {' or '.join(map(str, versions))}.")
        return cls(document["base"], [_column_from_json(column) for column in document["columns"]])

    @property
    def version(self) -> int:
        """Version of the JSON: releases that cannot read `unseen` must refuse a table that has it."""
        return UNSEEN_VERSION if any(column.unseen for column in self.columns) else FORMAT_VERSION

    def _explanation(self, *bins: int) -> ScoreExplanation:
        reasons = [column.reasons[place] for column, place in zip(self.columns, bins, strict=True)]
        return ScoreExplanation(self.base, reasons)

    def _bounds(self, bins: Sequence[int], missing: Sequence[str]) -> ProbabilityBounds | None:
        """Return the bounds of a row; ``None`` if no missing value can change the probability."""
        alone = {source: self._span(bins, {source}) for source in missing}
        can_change = {source: [low, high] for source, (low, high) in alone.items() if low < high}
        return {"together": [*self._span(bins, set(missing))], "alone": can_change} if can_change else None

    def _span(self, bins: Sequence[int], known: set[str]) -> tuple[float, float]:
        """Return the lowest and highest probability, if the missing values of `known` were given.

        Each column that misses one of them may come into any of its bins. Ratios of one amount rise and fall
        together, so all of them can be at their worst at once.
        """
        low = high = self.base
        for column, place in zip(self.columns, bins, strict=True):
            points = column.points
            is_open = place == len(points) - 1 and known & set(column.model_column.sources)
            possible = points[:-1] if is_open else points[place : place + 1]
            low, high = low + possible.min(), high + possible.max()
        return float(_probability(low)), float(_probability(high))


def _as_array(source: str, column: Column) -> Column:
    """Convert numbers to an array once, and not in each model column that reads them."""
    return np.array(column, dtype=np.float64) if BY_COLUMN[source].kind is Kind.NUMBER else column


def _first_value(source: str, column: Column) -> Value:
    value = column[0]
    if BY_COLUMN[source].kind is Kind.NUMBER:
        return math.nan if value is None else float(value)
    return value


def _missing_flags(source: str, column: Column) -> Flags | int:
    """Return for each row whether its value is missing; 0 if no value is missing."""
    if BY_COLUMN[source].kind is Kind.NUMBER:
        return np.isnan(np.asarray(column, dtype=np.float64))
    return np.array([value is None for value in column]) if None in column else 0


def _probability(log_odds: Floats | float) -> Floats:
    return 1 / (1 + np.exp(-log_odds))


def _column_json(column: ScorecardColumn) -> ColumnJSON:
    document: ColumnJSON = {
        "column": column.column,
        "edges": column.edges,
        "bins": [
            {"label": row.label, "points": row.points, "rows": row.rows, "approved": row.approved}
            for row in column.bins
        ],
    }
    if column.unseen:
        document["unseen"] = column.unseen
    return document


def _column_from_json(document: ColumnJSON) -> ScorecardColumn:
    bins = [Bin(**row) for row in document["bins"]]
    return ScorecardColumn(document["column"], document["edges"], bins, document.get("unseen", ()))
