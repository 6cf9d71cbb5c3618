"""The compiled scorecard: a points table that scores by look-up and explains itself.

The log-odds of approval are a base plus the points of one bin per column. Scores, contributions, reasons and
JSON all come from this table. The web worker serves it, so this module does not import scikit-learn.
"""

import functools
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from ml.applications.types import ApplicationValues, Column, Columns, Flags, Floats, Ints
from ml.expressions.arrays import Evaluation
from ml.expressions.compiled import compile_values
from ml.schemas.schema import Schema
from ml.scorecard.missing_value_bounds import ProbabilityBounds
from ml.scorecard.scorecard_columns import ScorecardColumn
from ml.scorecard.scorecard_json import (
    FORMAT,
    FORMAT_VERSION,
    ScorecardJSON,
    check_version,
    column_from_json,
    column_to_json,
)
from ml.scorecard.scores import ScoreExplanation, Scores

_MAX_CACHED = 4096  # most applications share all their bins with others
_KEY_LIMIT = 2**62  # a number with one bit more is still an int64


class Scorecard:
    """Points table of a fitted weight-of-evidence pipeline (see `ml.training.compilation`).

    Parameters
    ----------
    schema : Schema
        The schema by which the model was trained.
    base : float
        The log-odds of approval before any points are added.
    columns : sequence of ScorecardColumn
    """

    def __init__(self, schema: Schema, base: float, columns: Sequence[ScorecardColumn]) -> None:
        self.schema = schema
        self.base = float(base)
        self.columns = list(columns)
        self.sources = tuple(sorted({name for column in columns for name in column.model_column.sources}))
        self._row = compile_values([column.model_column.tree for column in columns])
        self._explain = functools.lru_cache(_MAX_CACHED)(self._explanation)
        self._bounds_of = functools.lru_cache(_MAX_CACHED)(self._bounds)

    def __reduce__(
        self,
    ) -> tuple[Callable[[Schema, ScorecardJSON], "Scorecard"], tuple[Schema, ScorecardJSON]]:
        """Pickle the table without the caches."""
        return Scorecard.from_json, (self.schema, self.to_json())

    def score(self, columns: Columns) -> Scores:
        """Score n applications.

        Parameters
        ----------
        columns : mapping of str to sequence, each of length n
            Values by public column name, ``None`` for a missing value.

        Examples
        --------
        >>> from ml.products.loan_prediction.schema import built_in
        >>> from ml.scorecard.scorecard_columns import Bin
        >>> bins = [Bin("no", -2.0, 40, 4), Bin("yes", 0.5, 200, 160), Bin("not given", 0.0, 0, 0)]
        >>> history = ScorecardColumn(built_in().by_model_column["Credit_History"], bins, edges=[1.0])
        >>> scorecard = Scorecard(built_in(), 0.7, [history])
        >>> scores = scorecard.score({"Credit_History": [1.0, 0.0, None]})
        >>> [round(probability, 3) for probability in scores.probability]
        [0.769, 0.214, 0.668]
        >>> scores.explanation(1).reasons[0]["text"]
        'Credit history: no'
        >>> [round(end, 3) for end in scores.gaps(2)["together"]]
        [0.214, 0.769]
        """
        bins = self._bins_of(columns)
        count = len(next(iter(columns.values())))
        log_odds = np.full(count, self.base)
        for column, column_bins in zip(self.columns, bins, strict=True):
            log_odds += column.points[column_bins]
        probability = probability_of(log_odds)
        bins_by_row = np.array(bins, dtype=np.int64).reshape(len(bins), count).T.tolist()

        def bounds(row: int) -> ProbabilityBounds | None:
            missing = (source for source in self.sources if columns[source][row] is None)
            return self._bounds_of(tuple(bins_by_row[row]), tuple(missing))

        return Scores(
            probability.tolist(), log_odds.tolist(), lambda row: self._explain(*bins_by_row[row]), bounds
        )

    def bins_of(self, values: ApplicationValues) -> dict[str, int]:
        """Return the bin of one application in each model column."""
        names = [column.column for column in self.columns]
        return dict(zip(names, self._bins_of_one(values), strict=True))

    def cache_keys(self, columns: Columns) -> list[int] | Ints:
        """Return a number for each row that its bins and missing values determine (see `Predictor`)."""
        count = len(next(iter(columns.values())))
        if count == 1:
            values = {source: columns[source][0] for source in self.sources}
            key = 0
            for column, place in zip(self.columns, self._bins_of_one(values), strict=True):
                key = key * len(column.bins) + place
            for value in values.values():
                key = 2 * key + (value is None or value != value)  # noqa: PLR0124 - NaN
            return [int(key)]
        arrays = {source: self._as_array(source, columns[source]) for source in self.sources}
        digits: list[tuple[int, Ints | Flags | int]] = [
            (len(column.bins), bins) for column, bins in zip(self.columns, self._bins_of(arrays), strict=True)
        ]
        digits += [(2, self._missing_flags(source, column)) for source, column in arrays.items()]
        return _numbers_of(digits, count)

    def _bins_of(self, columns: Columns) -> list[Ints]:
        """Return the bins of n applications by column; parts that model columns share are computed once."""
        evaluation = Evaluation(columns)
        return [
            column.bins_of_values(evaluation.numbers(column.model_column.tree)) for column in self.columns
        ]

    def _bins_of_one(self, values: ApplicationValues) -> list[int]:
        row = cast("tuple[float, ...]", self._row(values))
        return [column.bin_of_value(value) for column, value in zip(self.columns, row, strict=True)]

    def contributions(self, columns: Columns) -> Floats:
        """Return the points of each column, shape (n, n_columns)."""
        bins = self._bins_of(columns)
        return np.column_stack(
            [column.points[places] for column, places in zip(self.columns, bins, strict=True)]
        )

    def to_json(self) -> ScorecardJSON:
        """Return the table as plain JSON values; `from_json` restores it exactly."""
        return {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "base": self.base,
            "columns": [column_to_json(column) for column in self.columns],
        }

    @classmethod
    def from_json(cls, schema: Schema, document: ScorecardJSON) -> "Scorecard":
        """Restore a table from the JSON of `to_json`.

        Raises
        ------
        ValueError
            If `document` is of another format or version.
        """
        check_version(document)
        columns = [column_from_json(schema, column) for column in document["columns"]]
        return cls(schema, document["base"], columns)

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
        return float(probability_of(low)), float(probability_of(high))

    def _as_array(self, source: str, column: Column) -> Column:
        """Convert numbers to an array once, and not in each model column that reads them."""
        return np.asarray(column, dtype=np.float64) if source in self.schema.numbers else column

    def _missing_flags(self, source: str, column: Column) -> Flags | int:
        """Return for each row whether its value is missing; 0 if no value is missing."""
        if source in self.schema.numbers:
            return np.isnan(np.asarray(column, dtype=np.float64))
        return np.array([value is None for value in column]) if None in column else 0


def _numbers_of(digits: Sequence[tuple[int, Ints | Flags | int]], count: int) -> list[int] | Ints:
    """Return for each of `count` rows the number with these digits, each given with its base.

    Arrays of numbers beyond 64 bits would overflow, so such a number is made of parts that do not.
    """
    parts: list[tuple[int, Ints]] = []
    factor, part = 1, np.zeros(count, dtype=np.int64)
    for base, values in digits:
        if factor * base > _KEY_LIMIT:
            parts.append((factor, part))
            factor, part = 1, np.zeros(count, dtype=np.int64)
        factor *= base
        part *= base
        part += values
    if not parts:
        return part
    numbers: list[int] = part.tolist()
    scale = factor
    for factor, part in reversed(parts):
        numbers = [low + high * scale for low, high in zip(numbers, part.tolist(), strict=True)]
        scale *= factor
    return numbers


def probability_of(log_odds: Floats | float) -> Floats:
    """Return the probability of log-odds, of any shape."""
    return 1 / (1 + np.exp(-log_odds))
