"""Whether a candidate treats a group worse than the active version does.

A group's approval ratio is its share of approvals, divided by that of all other rows. Groups are the values
of the protected columns.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml.applications.schema import BY_COLUMN, PROTECTED
from ml.evaluation.gate_checks import Check, difference_words
from ml.evaluation.metrics import THRESHOLD, Floats
from ml.evaluation.side_by_side import Interval, Version, interval, resampled
from ml.intervals import FEWEST_ROWS
from ml.tables.datasets import Dataset

LEAST_RATIO = 0.8
TITLE = "approvals by group"
Flags = NDArray[np.bool_]


class GroupRatios(NamedTuple):
    """A group's approval ratio of both versions, and the difference with its 95 % interval."""

    group: str
    own: float
    other: float
    gap: Interval

    @property
    def refused(self) -> bool:
        """Whether the candidate's ratio is significantly below the active version's, and low."""
        return self.gap["high"] < 0 and self.own < LEAST_RATIO

    def words(self, name: str) -> str:
        gap = difference_words(self.gap, digits=2)
        return f"{self.group} {self.own:.2f} times as often as all others ({name}: {self.other:.2f}; {gap})"


def of_labels(candidate: Version, active: Version) -> Check:
    """Compare the labels of the candidate's table with those of the active version's."""
    tables = [version.dataset for version in (candidate, active)]
    found = _ratios_of_groups([table.y.astype(np.float64) for table in tables], tables)
    return _ratio_check(found, "The labels of its table approve", f"{active.name}'s")


def of_predictions(own: Floats, other: Floats, table: Dataset, on: str, name: str) -> Check:
    """Compare the groups of one table by what both versions approve at cut-off 0.5.

    Parameters
    ----------
    own, other : ndarray of shape (repeats, n)
        Probabilities by the candidate and by the active version, called `name`.
    on : str
        Which table it is, in words.
    """
    approved = [(probability >= THRESHOLD).mean(axis=0) for probability in (own, other)]
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
        GroupRatios(name, own[group], other[group], interval(own[group] - other[group], gap))
        for group, (name, gap) in enumerate(zip(names, (draws - other_draws).T, strict=True))
    ]


_GROUPS = [(column, value) for column in PROTECTED for value in BY_COLUMN[column].values]


def _members(table: Dataset, column: str, value: str | float) -> Flags:
    members: Flags = (table.frame[column] == value).to_numpy(dtype=bool)
    return members


def _enough_rows(members: Flags) -> Flags:
    enough: Flags = np.minimum(members.sum(axis=1), (~members).sum(axis=1)) >= FEWEST_ROWS
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
    return _ratio(rows.sum(axis=0).reshape(shape))[0].tolist(), _ratio(resampled(rows).reshape(shape))


def _ratio(sums: Floats) -> Floats:
    """Divide the group's share by the others'; where none of these is approved, the group is not behind."""
    approved, rows, others_approved, others = np.moveaxis(sums, -1, 0)
    share, others_share = approved / np.maximum(rows, 1), others_approved / np.maximum(others, 1)
    ratio: Floats = np.where(others_share > 0, share / np.where(others_share > 0, others_share, 1), 1.0)
    return ratio


def _ratio_check(found: Sequence[GroupRatios], subject: str, name: str) -> Check:
    """Refuse a ratio that is significantly below the active version's and below `LEAST_RATIO`."""
    if not found:
        few = f"No protected group has {FEWEST_ROWS} rows in both tables: groups are not compared."
        return Check(TITLE, "warning", few)
    refused = [group for group in found if group.refused]
    shown = refused or [min(found, key=lambda group: group.gap["mean"])]
    figures = "; ".join(group.words(name) for group in shown)
    detail = f"{subject} {figures}; significantly less, and below {LEAST_RATIO}, is refused."
    return Check(TITLE, "refused" if refused else "passed", detail)
