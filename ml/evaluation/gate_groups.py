"""Checks of the gate by group: does a candidate approve a protected group less than the active version does?

A group is a value, or a band of numbers, of a protected column. Its approval ratio is the group's share of
approvals divided by the share of all other rows.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ml.applications.types import Flags, Floats
from ml.evaluation.gate_checks import GateCheck, difference_words
from ml.evaluation.metrics import DEFAULT_THRESHOLD
from ml.evaluation.side_by_side import ComparedVersion, Interval, bootstrap_interval, bootstrap_sums
from ml.figures import MIN_ROWS_FOR_RATE
from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from ml.tables.frames import Dataset, columns_from_frame

MIN_APPROVAL_RATIO = 0.8


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


def check_predictions(
    candidate: Floats, active: Floats, tables: Sequence[Dataset], where: str, name: str
) -> GateCheck:
    """Compare by group the share of one table's rows that each version approves at threshold 0.5.

    Parameters
    ----------
    candidate, active : ndarray of shape (repeats, n)
        Approval probabilities of the table's rows.
    tables : pair of Dataset
        The table, as the candidate's schema and as the active version's reads it.
    where : str
        Names the table at the start of the detail, such as ``"On its own table (614 rows)"``.
    """
    approved = [(probability >= DEFAULT_THRESHOLD).mean(axis=0) for probability in (candidate, active)]
    return _ratio_check(_ratios_of_groups(approved, tables), f"{where} it approves", name)


def _ratios_of_groups(approved: Sequence[Floats], tables: Sequence[Dataset]) -> list[GroupRatios]:
    """Return the ratios of every group with enough rows in both tables.

    Parameters
    ----------
    approved : pair of ndarray of shape (n,)
        Share of approvals of each row, from 0 to 1: of the candidate, then of the active version.
    tables : pair of Dataset
        The tables of these rows.
    """
    features = _features(*(table.schema for table in tables))
    if not features:
        return []
    members = [_members(table, features) for table in tables]
    enough = np.all([_enough_rows(flags) for flags in members], axis=0)
    if not enough.any():
        return []
    groups = [(feature.column, value) for feature in features for value in feature.group_labels]
    names = [f"applicants with {column} {value}" for column, value in itertools.compress(groups, enough)]
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


def _features(candidate: Schema, active: Schema) -> list[Feature]:
    """Return the columns that either schema protects and both have, with the candidate's bands."""
    protected = {*candidate.protected, *active.protected}
    return [
        feature
        for feature in candidate.features
        if feature.column in protected and feature.column in active.by_column
    ]


def _members(table: Dataset, features: Sequence[Feature]) -> Flags:
    """Return which rows belong to each group of each feature, shape (groups, n)."""
    columns = columns_from_frame(table.schema, table.frame)
    members = []
    for feature in features:
        of_rows = np.array([feature.group_of(cell) for cell in columns[feature.column]], dtype=object)
        members += [of_rows == value for value in feature.group_labels]
    return np.array(members)


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
