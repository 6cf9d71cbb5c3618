"""Single checks of the gate on the training tables, and the verdict that they make together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from ml.figures import percent_text
from ml.tables.frames import Dataset

MIN_DIFFERENT_ROWS, MIN_DENIALS = 300, 60
MAX_APPROVAL_SHIFT = 0.10
MAX_MEDIAN_FACTOR = 3.0
MAX_MISSING_SHIFT = 0.20

_ROUNDING = 1e-9  # 0.3 - 0.1 is a little less than 0.2


@dataclass(frozen=True, slots=True)
class GateCheck:
    """The result of one check.

    Attributes
    ----------
    outcome : str
        ``"passed"``, ``"warning"`` or ``"refused"``.
    """

    name: str
    outcome: str
    detail: str

    def unblocked(self) -> "GateCheck":
        """Return this check with a refusal lowered to a warning."""
        return GateCheck(self.name, "warning", self.detail) if self.outcome == "refused" else self


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """All checks of one candidate."""

    checks: tuple[GateCheck, ...]

    @property
    def refused(self) -> bool:
        return any(check.outcome == "refused" for check in self.checks)

    def to_json(self) -> dict[str, object]:
        """Return the verdict as plain JSON values."""
        checks = [
            {"name": check.name, "outcome": check.outcome, "detail": check.detail} for check in self.checks
        ]
        return {"refused": self.refused, "checks": checks}


def difference_words(difference: Mapping[str, float], digits: int = 4) -> str:
    """Write a difference with its 95% interval, such as ``"-0.0120 [-0.0210 -0.0030]"``."""
    mean, low, high = (f"{difference[name]:+.{digits}f}" for name in ("mean", "low", "high"))
    return f"{mean} [{low} {high}]"


def check_size(rows: int, denials: int) -> GateCheck:
    """Refuse a training table with too few different rows.

    Parameters
    ----------
    rows, denials : int
        Different rows of the table, and the denied ones among them. Equal rows count once.
    """
    enough = rows >= MIN_DIFFERENT_ROWS and denials >= MIN_DENIALS
    detail = (
        f"Its table has {rows:,} different rows, {denials:,} of them denied; at least {MIN_DIFFERENT_ROWS} "
        f"and {MIN_DENIALS} are needed."
    )
    return GateCheck("size of the table", "passed" if enough else "refused", detail)


def check_approval_rate(candidate: float, active: float, name: str, *, same: bool = True) -> GateCheck:
    """Refuse a table whose approval rate is far from the active version's.

    Rates of other outcomes (`same` is False) are not comparable: then a shift is a warning.

    Parameters
    ----------
    candidate, active : float
        Shares of approved rows in both training tables, from 0 to 1.
    name : str
        What the active version is called in the detail; so in all checks.
    """
    shift = candidate - active
    detail = (
        f"{percent_text(candidate)} of its rows are approved, of {name}'s {percent_text(active)}: "
        f"{100 * shift:+.1f} percentage points; at most {100 * MAX_APPROVAL_SHIFT:.0f} are allowed."
    )
    if not same:
        detail = f"The outcomes of both tables are not the same. {detail}"
    shifted = abs(shift) > MAX_APPROVAL_SHIFT + _ROUNDING
    return GateCheck("approval rate", ("refused" if same else "warning") if shifted else "passed", detail)


class ColumnShift(NamedTuple):
    """A statistic of one column in the active version's table and in the candidate's."""

    column: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        return abs(self.after - self.before)

    @property
    def factor(self) -> float:
        """The factor by which the statistic rose or fell, at least 1; infinite to or from 0 or NaN."""
        if self.before == self.after or (np.isnan(self.before) and np.isnan(self.after)):
            return 1.0
        small, large = sorted((self.before, self.after))
        return large / small if small > 0 and not np.isnan(large) else float("inf")


def check_medians(candidate: Dataset, active: Dataset, name: str) -> GateCheck:
    """Refuse a number column whose median moved by a factor above `MAX_MEDIAN_FACTOR`."""
    shifts = [
        ColumnShift(column, *_medians(active.frame[column], candidate.frame[column]))
        for column in _shared_columns(candidate, active)
        if column in candidate.schema.numbers
    ]
    if not shifts:
        return _nothing_shared("medians", "column of numbers")
    refused = [shift for shift in shifts if shift.factor > MAX_MEDIAN_FACTOR]
    shown = refused or [max(shifts, key=lambda shift: shift.factor)]
    moves = ", ".join(f"{shift.column} from {shift.before:,.10g} to {shift.after:,.10g}" for shift in shown)
    limit = f"{name}'s; a factor of at most {MAX_MEDIAN_FACTOR:g} is allowed."
    return _shift_check("medians", bool(refused), moves, limit)


def check_missing_values(candidate: Dataset, active: Dataset, name: str) -> GateCheck:
    """Refuse a column whose share of missing values moved by `MAX_MISSING_SHIFT` or more."""
    shifts = [
        ColumnShift(column, _missing_share(active, column), _missing_share(candidate, column))
        for column in _shared_columns(candidate, active)
    ]
    if not shifts:
        return _nothing_shared("missing values", "column")
    refused = [shift for shift in shifts if shift.difference >= MAX_MISSING_SHIFT - _ROUNDING]
    shown = refused or [max(shifts, key=lambda shift: shift.difference)]
    moves = ", ".join(
        f"{shift.column} from {percent_text(shift.before)} to {percent_text(shift.after)}" for shift in shown
    )
    limit = f"{name}'s; less than {100 * MAX_MISSING_SHIFT:.0f} percentage points are allowed."
    return _shift_check("missing values", bool(refused), moves, limit)


def _shared_columns(candidate: Dataset, active: Dataset) -> list[str]:
    """Return the columns of both tables' schemas, as the same kind of value, that the active version knew.

    A column of which its table had no value is new in the candidate's table.
    """
    numbers = candidate.schema.numbers, active.schema.numbers
    return [
        column
        for column in candidate.schema.columns
        if column in active.schema.by_column
        and (column in numbers[0]) == (column in numbers[1])
        and bool(active.frame[column].notna().any())
    ]


def _nothing_shared(name: str, what: str) -> GateCheck:
    return GateCheck(name, "warning", f"Both tables have no {what} in common: nothing is compared.")


def _medians(before: "pd.Series[float]", after: "pd.Series[float]") -> tuple[float, float]:
    """Return both medians; if both are 0, the medians of the values above 0."""
    if before.median() == after.median() == 0:
        before, after = before[before > 0], after[after > 0]
    return float(before.median()), float(after.median())


def _missing_share(table: Dataset, column: str) -> float:
    return float(table.frame[column].isna().mean())


def _shift_check(name: str, refused: bool, moves: str, limit: str) -> GateCheck:
    if refused:
        return GateCheck(name, "refused", f"Moved too far: {moves}, against {limit}")
    return GateCheck(name, "passed", f"The column that moved most is {moves}, against {limit}")
