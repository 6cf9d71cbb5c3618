"""The most adverse reasons of a score in SQL.

All adverse bins of a points table are ranked once, by points and then by the order of the columns. A row's
reasons are then its lowest ranks: a stage finds each, above the rank that the stage before has found. To
compare the columns with each other would take a query that grows with the square of their number.
"""

import functools
from collections.abc import Mapping, Sequence

from sqlglot import exp

from ml.sql import Dialect
from ml.sql.points import ColumnPoints
from ml.sql.stages import Stage
from ml.sql.words import integer, least_of, quoted_column, text_literal

N_REASONS = 4
_FEW = 4  # texts that a CASE looks through one by one


class Reasons:
    """Ranks and texts of the adverse bins of a points table."""

    def __init__(self, columns: Sequence[ColumnPoints], dialect: Dialect) -> None:
        self._dialect = dialect
        adverse = sorted(
            (row.points, place, number)
            for place, column in enumerate(columns)
            for number, row in enumerate(column.entry.bins)
            if row.points < 0
        )
        self._texts = [columns[place].entry.reasons[number]["text"] for _, place, number in adverse]
        self._none = len(adverse) + 1
        ranks = {(place, number): rank for rank, (_, place, number) in enumerate(adverse, 1)}
        self._columns = {
            column: {number: rank for (at, number), rank in ranks.items() if at == place}
            for place, column in enumerate(columns)
            if any(at == place for at, _ in ranks)
        }

    def ranks(self) -> Stage:
        """Return the rank of each column's bin; beyond all ranks for bins that are not adverse."""
        return {
            f"rank_{column.place}": column.by_bin(functools.partial(self._rank, of))
            for column, of in self._columns.items()
        }

    def _rank(self, of: Mapping[int, int], number: int) -> exp.Expr:
        return integer(of.get(number, self._none))

    def found(self, place: int) -> Stage:
        """Return the rank of the reason number `place` from 1, above that of the reason before."""
        if not self._columns:
            return {}
        ranks = [quoted_column(f"rank_{column.place}") for column in self._columns]
        if place == 1:
            return {f"reason_rank_{place}": least_of(ranks, self._dialect)}
        before = quoted_column(f"reason_rank_{place - 1}")
        further = [
            exp.case()
            .when(exp.GT(this=rank, expression=before.copy()), rank.copy(), copy=False)
            .else_(integer(self._none), copy=False)
            for rank in ranks
        ]
        return {f"reason_rank_{place}": least_of(further, self._dialect)}

    def results(self) -> Mapping[str, exp.Expr]:
        """Return the text of each reason; NULL if there are fewer."""
        return {f"reason_{place}": self._text(place, 1, self._none) for place in range(1, N_REASONS + 1)}

    def _text(self, place: int, start: int, stop: int) -> exp.Expr:
        """Return the text of a rank from `start` to under `stop`, by halves."""
        if start == stop:
            return exp.null()
        rank = quoted_column(f"reason_rank_{place}")
        if stop - start <= _FEW:
            case = exp.case(rank)
            for number in range(start, stop):
                case = case.when(integer(number), text_literal(self._texts[number - 1]), copy=False)
            return case
        middle = (start + stop) // 2
        below, above = self._text(place, start, middle), self._text(place, middle, stop)
        return exp.case().when(rank < integer(middle), below, copy=False).else_(above, copy=False)
