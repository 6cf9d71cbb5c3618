"""Bins, points and log-odds of a points table in SQL.

A bin of missing values has two numbers: its own if no value of the application is missing, such as after a
division by zero, and one more if a value is, so that it could come into any other bin.
"""

from collections.abc import Callable, Sequence
from functools import reduce

from sqlglot import exp

from ml.expressions.nodes import Code, NumberColumn
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_columns import ScorecardColumn
from ml.sql import Dialect
from ml.sql.cells import Cells
from ml.sql.stages import Stage
from ml.sql.words import (
    any_of,
    cast_to_double,
    divide,
    double_literal,
    edge_literal,
    integer,
    is_null,
    quoted_column,
)

LOG_ODDS, PROBABILITY = "log_odds", "approval_probability"
LOWEST, HIGHEST = "lowest", "highest"
# Beyond these log-odds exp() overflows; the probability is 0 or 1 to the last significant bit.
_MAX_LOG_ODDS = 700.0


class ColumnPoints:
    """The stages of one column of the points table; `place` is its number in the names of the query."""

    def __init__(self, entry: ScorecardColumn, place: int, cells: Cells, dialect: Dialect) -> None:
        self.entry, self.place = entry, place
        self._tree = entry.model_column.tree
        self._cells, self._dialect = cells, dialect
        self._missing = len(entry.bins) - 1
        self._open = len(entry.bins)
        self.bin, self.points = f"bin_{place}", f"points_{place}"

    def value(self) -> Stage:
        """Return the model column, unless a cell holds it already."""
        if isinstance(self._tree, Code | NumberColumn):
            return {}
        return {self._value.name: self._cells.formula(self._tree)}

    @property
    def _value(self) -> exp.Column:
        if isinstance(self._tree, Code | NumberColumn):
            return self._cells.cell(self._tree.name)
        return quoted_column(f"value_{self.place}")

    def bins(self) -> Stage:
        """Return the number of the bin."""
        return {self.bin: self._bin_of_code(self._tree) if isinstance(self._tree, Code) else self._bin()}

    def _bin_of_code(self, tree: Code) -> exp.Expr:
        places = {value: self.entry.bin_of_value(float(code)) for code, value in enumerate(tree.values)}
        case = exp.case(self._value)
        for code, value in enumerate(self._cells.schema.by_column[tree.name].values):
            case = case.when(integer(code), integer(places.get(str(value), self._missing)), copy=False)
        return case.else_(integer(self._open), copy=False)

    def _bin(self) -> exp.Expr:
        case = exp.case().when(is_null(self._value), self._gap(), copy=False)
        for number, place in self.entry.own_bins.items():
            case = case.when(
                exp.EQ(this=self._value, expression=edge_literal(number, self._dialect)),
                integer(place),
                copy=False,
            )
        if self.entry.edges is None:
            return case.else_(integer(self._missing), copy=False)
        for place, edge in enumerate(self.entry.edges):
            case = case.when(
                exp.LT(this=self._value, expression=edge_literal(edge, self._dialect)),
                integer(place),
                copy=False,
            )
        return case.else_(integer(len(self.entry.edges)), copy=False)

    def _gap(self) -> exp.Expr:
        if isinstance(self._tree, NumberColumn):
            return integer(self._open)
        gaps = any_of(self._cells.is_missing(self.entry.model_column.sources))
        case = exp.case().when(gaps, integer(self._open), copy=False)
        return case.else_(integer(self._missing), copy=False)

    def by_bin(self, value: Callable[[int], exp.Expr]) -> exp.Expr:
        """Return an expression for each bin; that of missing values is the last."""
        case = exp.case(quoted_column(self.bin))
        for place in range(self._missing):
            case = case.when(integer(place), value(place), copy=False)
        return case.else_(value(self._missing), copy=False)

    def points_of_bin(self) -> Stage:
        """Return the points of the bin."""
        points = self.by_bin(lambda place: double_literal(self.entry.bins[place].points))
        return {self.points: cast_to_double(points)}

    def is_open(self) -> exp.Expr:
        """Test whether the value could come into another bin, if missing values became known."""
        return exp.EQ(this=quoted_column(self.bin), expression=integer(self._open))

    def extreme_points(self, extreme: Callable[[Sequence[float]], float]) -> exp.Expr:
        """Return the lowest or highest points, if missing values became known."""
        points = extreme([row.points for row in self.entry.bins[:-1]])
        case = exp.case().when(self.is_open(), double_literal(points), copy=False)
        return case.else_(quoted_column(self.points), copy=False)


def points_stages(columns: Sequence[ColumnPoints], scorecard: Scorecard) -> dict[str, Stage]:
    """Return the stages of log-odds and probabilities, with those of all missing values known.

    The bounds are NULL where no value is missing.
    """
    total = _log_odds(scorecard, [quoted_column(column.points) for column in columns])
    return {
        "values": _merged([column.value() for column in columns]),
        "bins": _merged([column.bins() for column in columns]),
        "points": _merged([column.points_of_bin() for column in columns]),
        "scores": {
            LOG_ODDS: total,
            f"{LOG_ODDS}_{LOWEST}": _bound(columns, scorecard, min),
            f"{LOG_ODDS}_{HIGHEST}": _bound(columns, scorecard, max),
        },
        "probabilities": {
            PROBABILITY: _probability(LOG_ODDS),
            LOWEST: _probability(f"{LOG_ODDS}_{LOWEST}"),
            HIGHEST: _probability(f"{LOG_ODDS}_{HIGHEST}"),
        },
    }


def _merged(stages: Sequence[Stage]) -> Stage:
    return {name: value for stage in stages for name, value in stage.items()}


def _bound(
    columns: Sequence[ColumnPoints], scorecard: Scorecard, extreme: Callable[[Sequence[float]], float]
) -> exp.Expr:
    """Return the log-odds at one end, where a value is missing."""
    if not columns:
        return cast_to_double(exp.null())
    has_gaps = any_of([column.is_open() for column in columns])
    total = _log_odds(scorecard, [column.extreme_points(extreme) for column in columns])
    return exp.case().when(has_gaps, total, copy=False)


def _log_odds(scorecard: Scorecard, points: Sequence[exp.Expr]) -> exp.Expr:
    """Return the sum in the order of the table, so that it rounds as it does in Python."""
    return reduce(
        lambda left, right: exp.Add(this=left, expression=right),
        points,
        cast_to_double(double_literal(scorecard.base)),
    )


def _probability(name: str) -> exp.Expr:
    log_odds, one = quoted_column(name), cast_to_double(double_literal(1.0))
    case = exp.case().when(log_odds > double_literal(_MAX_LOG_ODDS), one)
    case = case.when(log_odds < double_literal(-_MAX_LOG_ODDS), cast_to_double(double_literal(0.0)))
    return case.else_(divide(one.copy(), one + exp.Exp(this=exp.Neg(this=log_odds))))
