"""Whether a candidate's training table is like the active version's: size, approval rate, medians, gaps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from ml.applications.schema import COLUMNS, FEATURES, Kind
from ml.evaluation.gate_checks import Check
from ml.tables.datasets import Dataset

FEWEST_COMPARED, FEWEST_DENIALS = 300, 60
MOST_APPROVAL = 0.10
MOST_FACTOR = 3.0
MOST_MISSING = 0.20
_NUMBERS = [feature.column for feature in FEATURES if feature.kind is Kind.NUMBER]
_ROUNDING = 1e-9  # 0.3 - 0.1 is a little less than 0.2


def size(rows: int, denials: int) -> Check:
    """Refuse a table of few different rows; equal rows count once.

    Parameters
    ----------
    rows, denials : int
        Different rows of the table, and those among them that were denied.
    """
    enough = rows >= FEWEST_COMPARED and denials >= FEWEST_DENIALS
    detail = (
        f"Its table has {rows:,} different rows, {denials:,} of them denied; at least {FEWEST_COMPARED} and "
        f"{FEWEST_DENIALS} are needed."
    )
    return Check("size of the table", "passed" if enough else "refused", detail)


def approval_rate(own: float, other: float, name: str) -> Check:
    """Refuse a table whose share of approved rows is far from the active version's, called `name`."""
    moved = abs(own - other)
    detail = (
        f"{_percent(own)} of its rows are approved, of {name}'s {_percent(other)}: "
        f"{100 * (own - other):+.1f} points; {100 * MOST_APPROVAL:.0f} are allowed."
    )
    refused = moved > MOST_APPROVAL + _ROUNDING
    return Check("approval rate", "refused" if refused else "passed", detail)


def medians(own: Dataset, other: Dataset, name: str) -> Check:
    """Refuse a number column whose median moved by a factor above `MOST_FACTOR`."""
    moved = [Moved(column, *_medians(other.frame[column], own.frame[column])) for column in _NUMBERS]
    far = [found for found in moved if found.factor > MOST_FACTOR]
    shown = far or [max(moved, key=lambda found: found.factor)]
    figures = ", ".join(f"{found.column} from {found.before:,.10g} to {found.after:,.10g}" for found in shown)
    return _shift_check("medians", far, figures, f"{name}'s; a factor of {MOST_FACTOR:g} is allowed.")


def missing_values(own: Dataset, other: Dataset, name: str) -> Check:
    """Refuse a column whose share of missing values moved by `MOST_MISSING` or more."""
    moved = [Moved(column, *(_missing(table, column) for table in (other, own))) for column in COLUMNS]
    far = [found for found in moved if found.points >= MOST_MISSING - _ROUNDING]
    shown = far or [max(moved, key=lambda found: found.points)]
    figures = ", ".join(
        f"{found.column} from {_percent(found.before)} to {_percent(found.after)}" for found in shown
    )
    limit = f"{name}'s; less than {100 * MOST_MISSING:.0f} points are allowed."
    return _shift_check("missing values", far, figures, limit)


class Moved(NamedTuple):
    """A figure of a column in the active version's table and in the candidate's."""

    column: str
    before: float
    after: float

    @property
    def points(self) -> float:
        return abs(self.after - self.before)

    @property
    def factor(self) -> float:
        """By what factor the figure moved, up or down; to or from 0 or nothing, by any."""
        if self.before == self.after or (np.isnan(self.before) and np.isnan(self.after)):
            return 1.0
        small, large = sorted((self.before, self.after))
        return large / small if small > 0 else float("inf")


def _shift_check(name: str, far: Sequence[Moved], figures: str, limit: str) -> Check:
    if far:
        return Check(name, "refused", f"Moved too far: {figures}, against {limit}")
    return Check(name, "passed", f"The column that moved most is {figures}, against {limit}")


def _medians(before: "pd.Series[float]", after: "pd.Series[float]") -> tuple[float, float]:
    """Return both medians; where both are 0, those of the values above 0."""
    if before.median() == after.median() == 0:
        before, after = before[before > 0], after[after > 0]
    return float(before.median()), float(after.median())


def _missing(table: Dataset, column: str) -> float:
    return float(table.frame[column].isna().mean())


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
