"""Single checks of the gate, on the training tables and by group, and the verdict that they make together.

A group is a value of a protected column. Its approval ratio is the group's share of approvals divided by the
share of all other rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from ml.applications.types import Flags, Floats, Value
from ml.evaluation.metrics import DEFAULT_THRESHOLD
from ml.evaluation.side_by_side import ComparedVersion, Interval, bootstrap_interval, bootstrap_sums
from ml.figures import MIN_ROWS_FOR_RATE, percent_text
from ml.tables.frames import Dataset, columns_from_frame

MIN_DIFFERENT_ROWS, MIN_DENIALS = 300, 60
MAX_APPROVAL_SHIFT = 0.10
MAX_MEDIAN_FACTOR = 3.0
MAX_MISSING_SHIFT = 0.20
MIN_APPROVAL_RATIO = 0.8

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


def check_approval_rate(candidate: float, active: float, name: str) -> GateCheck:
    """Refuse a table whose approval rate is far from the active version's.

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
    refused = abs(shift) > MAX_APPROVAL_SHIFT + _ROUNDING
    return GateCheck("approval rate", "refused" if refused else "passed", detail)


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
        for column in candidate.schema.columns
        if column in candidate.schema.numbers
    ]
    refused = [shift for shift in shifts if shift.factor > MAX_MEDIAN_FACTOR]
    shown = refused or [max(shifts, key=lambda shift: shift.factor)]
    moves = ", ".join(f"{shift.column} from {shift.before:,.10g} to {shift.after:,.10g}" for shift in shown)
    limit = f"{name}'s; a factor of at most {MAX_MEDIAN_FACTOR:g} is allowed."
    return _shift_check("medians", bool(refused), moves, limit)


def check_missing_values(candidate: Dataset, active: Dataset, name: str) -> GateCheck:
    """Refuse a column whose share of missing values moved by `MAX_MISSING_SHIFT` or more."""
    shifts = [
        ColumnShift(column, _missing_share(active, column), _missing_share(candidate, column))
        for column in candidate.schema.columns
    ]
    refused = [shift for shift in shifts if shift.difference >= MAX_MISSING_SHIFT - _ROUNDING]
    shown = refused or [max(shifts, key=lambda shift: shift.difference)]
    moves = ", ".join(
        f"{shift.column} from {percent_text(shift.before)} to {percent_text(shift.after)}" for shift in shown
    )
    limit = f"{name}'s; less than {100 * MAX_MISSING_SHIFT:.0f} percentage points are allowed."
    return _shift_check("missing values", bool(refused), moves, limit)


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


class GroupRatios(NamedTuple):
    """A group's approval ratio under both versions, and the difference with its 95% interval."""

    group: str
    candidate: float
    active: float
    difference: Interval

    @property
    def refused(self) -> bool:
        """Whether the candidate's ratio is significantly below the active version's and too low."""
        return self.difference["high"] < 0 and self.candidate < MIN_APPROVAL_RATIO

    def describe(self, name: str) -> str:
        difference = difference_words(self.difference, digits=2)
        return (
            f"{self.group} {self.candidate:.2f} times as often as all others "
            f"({name}: {self.active:.2f}; {difference})"
        )


def check_labels(candidate: ComparedVersion, active: ComparedVersion) -> GateCheck:
    """Compare by group the share of approved rows in both training tables."""
    tables = [candidate.dataset, active.dataset]
    ratios = _ratios_of_groups([table.y.astype(np.float64) for table in tables], tables)
    return _ratio_check(ratios, "The labels of its table approve", f"{active.name}'s")


def check_predictions(candidate: Floats, active: Floats, table: Dataset, where: str, name: str) -> GateCheck:
    """Compare by group the share of one table's rows that each version approves at threshold 0.5.

    Parameters
    ----------
    candidate, active : ndarray of shape (repeats, n)
        Approval probabilities of the table's rows.
    where : str
        Names the table at the start of the detail, such as ``"On its own table (614 rows)"``.
    """
    approved = [(probability >= DEFAULT_THRESHOLD).mean(axis=0) for probability in (candidate, active)]
    return _ratio_check(_ratios_of_groups(approved, [table, table]), f"{where} it approves", name)


def _ratios_of_groups(approved: Sequence[Floats], tables: Sequence[Dataset]) -> list[GroupRatios]:
    """Return the ratios of every group with enough rows in both tables.

    Parameters
    ----------
    approved : pair of ndarray of shape (n,)
        Share of approvals of each row, from 0 to 1: of the candidate, then of the active version.
    tables : pair of Dataset
        The tables of these rows.
    """
    schema = tables[0].schema
    groups = [
        (column, value) for column in schema.protected for value in schema.by_column[column].group_labels
    ]
    if not groups:
        return []
    members = [np.array([_members(table, *group) for group in groups]) for table in tables]
    enough = np.all([_enough_rows(flags) for flags in members], axis=0)
    if not enough.any():
        return []
    names = [
        f"applicants with {column} {value}"
        for (column, value), compared in zip(groups, enough, strict=True)
        if compared
    ]
    (candidate, draws), (active, active_draws) = (
        _ratios(share, flags[enough]) for share, flags in zip(approved, members, strict=True)
    )
    differences = [
        bootstrap_interval(of_candidate - of_active, group_draws)
        for of_candidate, of_active, group_draws in zip(
            candidate, active, (draws - active_draws).T, strict=True
        )
    ]
    return [*map(GroupRatios, names, candidate, active, differences)]


def _members(table: Dataset, column: str, value: Value) -> Flags:
    feature = table.schema.by_column[column]
    if feature.choices:
        members: Flags = (table.frame[column] == value).to_numpy(dtype=bool)
        return members
    groups = [feature.group_of(number) for number in columns_from_frame(table.schema, table.frame)[column]]
    return np.array([group == value for group in groups])


def _enough_rows(members: Flags) -> Flags:
    """Return for each group whether both the group and all others have enough rows."""
    enough: Flags = np.minimum(members.sum(axis=1), (~members).sum(axis=1)) >= MIN_ROWS_FOR_RATE
    return enough


def _ratios(approved: Floats, members: Flags) -> tuple[list[float], Floats]:
    """Return the approval ratio of each group, and its bootstrap draws, shape (RESAMPLES, groups).

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
    """Divide the group's share of approvals by the others'; 1 if none of the others is approved."""
    approved, rows, others_approved, others = np.moveaxis(sums, -1, 0)
    share, others_share = approved / np.maximum(rows, 1), others_approved / np.maximum(others, 1)
    ratio: Floats = np.where(others_share > 0, share / np.where(others_share > 0, others_share, 1), 1.0)
    return ratio


def _ratio_check(ratios: Sequence[GroupRatios], subject: str, name: str) -> GateCheck:
    """Refuse a ratio significantly below the active version's and below `MIN_APPROVAL_RATIO`."""
    title = "approvals by group"
    if not ratios:
        detail = f"No protected group has {MIN_ROWS_FOR_RATE} rows in both tables: groups are not compared."
        return GateCheck(title, "warning", detail)
    refused = [ratio for ratio in ratios if ratio.refused]
    shown = refused or [min(ratios, key=lambda ratio: ratio.difference["mean"])]
    groups = "; ".join(ratio.describe(name) for ratio in shown)
    detail = f"{subject} {groups}; significantly less, and below {MIN_APPROVAL_RATIO}, is refused."
    return GateCheck(title, "refused" if refused else "passed", detail)
