"""The answers of the gate: single checks, and the verdict that they make together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.applications.schema import BY_COLUMN, COLUMNS, FEATURES, PROTECTED, Kind
from ml.evaluation.metrics import DEFAULT_THRESHOLD, Floats
from ml.evaluation.side_by_side import ComparedVersion, Interval, bootstrap_interval, bootstrap_sums
from ml.figures import MIN_ROWS_FOR_RATE
from ml.tables.frames import Dataset


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One question of the gate.

    Attributes
    ----------
    outcome : str
        ``"passed"``, ``"warning"`` or ``"refused"``.
    """

    name: str
    outcome: str
    detail: str

    def unblocked(self) -> "GateCheck":
        """Return the check as a warning where it would refuse."""
        return GateCheck(self.name, "warning", self.detail) if self.outcome == "refused" else self


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """All checks of one candidate."""

    checks: tuple[GateCheck, ...]

    @property
    def refused(self) -> bool:
        return any(check.outcome == "refused" for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        listed = [
            {"name": check.name, "outcome": check.outcome, "detail": check.detail} for check in self.checks
        ]
        return {"refused": self.refused, "checks": listed}


def difference_words(gap: Mapping[str, float], digits: int = 4) -> str:
    """Write a difference with its 95% interval."""
    return f"{gap['mean']:+.{digits}f} [{gap['low']:+.{digits}f} {gap['high']:+.{digits}f}]"


MIN_RATIO = 0.8
CHECK_TITLE = "approvals by group"
Flags = NDArray[np.bool_]


class GroupRatios(NamedTuple):
    """A group's approval ratio of both versions, and the difference with its 95% interval."""

    group: str
    own: float
    other: float
    gap: Interval

    @property
    def refused(self) -> bool:
        """Whether the candidate's ratio is significantly below the active version's, and low."""
        return self.gap["high"] < 0 and self.own < MIN_RATIO

    def words(self, name: str) -> str:
        gap = difference_words(self.gap, digits=2)
        return f"{self.group} {self.own:.2f} times as often as all others ({name}: {self.other:.2f}; {gap})"


def check_labels(candidate: ComparedVersion, active: ComparedVersion) -> GateCheck:
    """Compare the labels of the candidate's table with those of the active version's."""
    tables = [version.dataset for version in (candidate, active)]
    found = _ratios_of_groups([table.y.astype(np.float64) for table in tables], tables)
    return _ratio_check(found, "The labels of its table approve", f"{active.name}'s")


def check_predictions(own: Floats, other: Floats, table: Dataset, on: str, name: str) -> GateCheck:
    """Compare the groups of one table by what both versions approve at cut-off 0.5.

    Parameters
    ----------
    own, other : ndarray of shape (repeats, n)
        Probabilities by the candidate and by the active version, called `name`.
    on : str
        Which table it is, in words.
    """
    approved = [(probability >= DEFAULT_THRESHOLD).mean(axis=0) for probability in (own, other)]
    return _ratio_check(_ratios_of_groups(approved, [table, table]), f"{on} it approves", name)


def _ratios_of_groups(approved: Sequence[Floats], tables: Sequence[Dataset]) -> list[GroupRatios]:
    """Compare two shares of approval per row, shape (n,) each, of the rows of two tables."""
    members = [np.array([_members(table, *group) for group in _GROUPS]) for table in tables]
    enough = np.all([_enough_rows(flags) for flags in members], axis=0)
    if not enough.any():
        return []
    names = [
        f"applicants with {column} {value}"
        for (column, value), compared in zip(_GROUPS, enough, strict=True)
        if compared
    ]
    (own, draws), (other, other_draws) = (
        _ratios(share, flags[enough]) for share, flags in zip(approved, members, strict=True)
    )
    return [
        GroupRatios(name, own[group], other[group], bootstrap_interval(own[group] - other[group], gap))
        for group, (name, gap) in enumerate(zip(names, (draws - other_draws).T, strict=True))
    ]


_GROUPS = [(column, value) for column in PROTECTED for value in BY_COLUMN[column].values]


def _members(table: Dataset, column: str, value: str | float) -> Flags:
    members: Flags = (table.frame[column] == value).to_numpy(dtype=bool)
    return members


def _enough_rows(members: Flags) -> Flags:
    enough: Flags = np.minimum(members.sum(axis=1), (~members).sum(axis=1)) >= MIN_ROWS_FOR_RATE
    return enough


def _ratios(approved: Floats, members: Flags) -> tuple[list[float], Floats]:
    """Return the approval ratio of each group, and those of resampled rows, shape (RESAMPLES, groups).

    Parameters
    ----------
    approved : ndarray of shape (n,)
    members : ndarray of shape (groups, n)
    """
    parts = np.stack([approved * members, members, approved * ~members, ~members], axis=-1)
    rows = np.moveaxis(parts, 1, 0).reshape(len(approved), -1).astype(np.float64)
    shape = (-1, len(members), parts.shape[-1])
    return _ratio(rows.sum(axis=0).reshape(shape))[0].tolist(), _ratio(bootstrap_sums(rows).reshape(shape))


def _ratio(sums: Floats) -> Floats:
    """Divide the group's share by the others'; where none of these is approved, the group is not behind."""
    approved, rows, others_approved, others = np.moveaxis(sums, -1, 0)
    share, others_share = approved / np.maximum(rows, 1), others_approved / np.maximum(others, 1)
    ratio: Floats = np.where(others_share > 0, share / np.where(others_share > 0, others_share, 1), 1.0)
    return ratio


def _ratio_check(found: Sequence[GroupRatios], subject: str, name: str) -> GateCheck:
    """Refuse a ratio that is significantly below the active version's and below `MIN_RATIO`."""
    if not found:
        few = f"No protected group has {MIN_ROWS_FOR_RATE} rows in both tables: groups are not compared."
        return GateCheck(CHECK_TITLE, "warning", few)
    refused = [group for group in found if group.refused]
    shown = refused or [min(found, key=lambda group: group.gap["mean"])]
    figures = "; ".join(group.words(name) for group in shown)
    detail = f"{subject} {figures}; significantly less, and below {MIN_RATIO}, is refused."
    return GateCheck(CHECK_TITLE, "refused" if refused else "passed", detail)


FEWEST_COMPARED, MIN_DENIALS = 300, 60
MAX_APPROVAL_SHIFT = 0.10
MAX_MEDIAN_FACTOR = 3.0
MAX_MISSING_SHIFT = 0.20
_NUMBERS = [feature.column for feature in FEATURES if feature.kind is Kind.NUMBER]
_ROUNDING = 1e-9  # 0.3 - 0.1 is a little less than 0.2


def check_size(rows: int, denials: int) -> GateCheck:
    """Refuse a table of few different rows; equal rows count once.

    Parameters
    ----------
    rows, denials : int
        Different rows of the table, and those among them that were denied.
    """
    enough = rows >= FEWEST_COMPARED and denials >= MIN_DENIALS
    detail = (
        f"Its table has {rows:,} different rows, {denials:,} of them denied; at least {FEWEST_COMPARED} and "
        f"{MIN_DENIALS} are needed."
    )
    return GateCheck("size of the table", "passed" if enough else "refused", detail)


def check_approval_rate(own: float, other: float, name: str) -> GateCheck:
    """Refuse a table whose share of approved rows is far from the active version's, called `name`."""
    moved = abs(own - other)
    detail = (
        f"{_percent(own)} of its rows are approved, of {name}'s {_percent(other)}: "
        f"{100 * (own - other):+.1f} percentage points; at most {100 * MAX_APPROVAL_SHIFT:.0f} are allowed."
    )
    refused = moved > MAX_APPROVAL_SHIFT + _ROUNDING
    return GateCheck("approval rate", "refused" if refused else "passed", detail)


def check_medians(own: Dataset, other: Dataset, name: str) -> GateCheck:
    """Refuse a number column whose median moved by a factor above `MAX_MEDIAN_FACTOR`."""
    moved = [ColumnShift(column, *_medians(other.frame[column], own.frame[column])) for column in _NUMBERS]
    far = [found for found in moved if found.factor > MAX_MEDIAN_FACTOR]
    shown = far or [max(moved, key=lambda found: found.factor)]
    figures = ", ".join(f"{found.column} from {found.before:,.10g} to {found.after:,.10g}" for found in shown)
    return _shift_check("medians", far, figures, f"{name}'s; a factor of {MAX_MEDIAN_FACTOR:g} is allowed.")


def check_missing_values(own: Dataset, other: Dataset, name: str) -> GateCheck:
    """Refuse a column whose share of missing values moved by `MAX_MISSING_SHIFT` or more."""
    moved = [ColumnShift(column, *(_missing(table, column) for table in (other, own))) for column in COLUMNS]
    far = [found for found in moved if found.points >= MAX_MISSING_SHIFT - _ROUNDING]
    shown = far or [max(moved, key=lambda found: found.points)]
    figures = ", ".join(
        f"{found.column} from {_percent(found.before)} to {_percent(found.after)}" for found in shown
    )
    limit = f"{name}'s; less than {100 * MAX_MISSING_SHIFT:.0f} percentage points are allowed."
    return _shift_check("missing values", far, figures, limit)


class ColumnShift(NamedTuple):
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


def _shift_check(name: str, far: Sequence[ColumnShift], figures: str, limit: str) -> GateCheck:
    if far:
        return GateCheck(name, "refused", f"Moved too far: {figures}, against {limit}")
    return GateCheck(name, "passed", f"The column that moved most is {figures}, against {limit}")


def _medians(before: "pd.Series[float]", after: "pd.Series[float]") -> tuple[float, float]:
    """Return both medians; where both are 0, those of the values above 0."""
    if before.median() == after.median() == 0:
        before, after = before[before > 0], after[after > 0]
    return float(before.median()), float(after.median())


def _missing(table: Dataset, column: str) -> float:
    return float(table.frame[column].isna().mean())


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
