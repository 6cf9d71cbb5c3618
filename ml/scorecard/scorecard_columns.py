"""One column of a points table: its bins, and the bin of a value.

The web worker looks bins up, so this module does not import scikit-learn.
"""

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ml.applications.types import Columns, Floats, Ints
from ml.schemas.model_columns import ModelColumn
from ml.scorecard.scores import Reason

_FEW_EDGES = 16


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


class _Places(Protocol):
    """Finds bins of numbers; the last bin is for NaN."""

    def one(self, value: float) -> int: ...

    def many(self, values: Floats) -> Ints: ...


class _PlacesOfNumbers:
    """Finds bins by edges; the values of `own` have bins of their own."""

    def __init__(self, edges: Sequence[float], own: dict[float, int], missing: int) -> None:
        self._edges, self._own, self._missing = list(edges), own, missing
        # NaN sorts after every number, so an edge of NaN puts missing values behind the last bin.
        self._array = np.array([*edges, np.nan])

    def one(self, value: float) -> int:
        if value != value:  # noqa: PLR0124 - NaN
            return self._missing
        if value in self._own:
            return self._own[value]
        return bisect.bisect_right(self._edges, value)

    def many(self, values: Floats) -> Ints:
        bins = self._by_edges(values)
        if self._own:
            bins[np.isnan(values)] = self._missing
            for value, place in self._own.items():
                bins[values == value] = place
        return bins

    def _by_edges(self, values: Floats) -> Ints:
        """Return the bins by edges alone. To compare with a few edges takes a quarter of a search's time."""
        if len(self._edges) > _FEW_EDGES:
            return np.asarray(self._array.searchsorted(values, side="right"))
        bins = np.isnan(values).view(np.int8) * np.int8(len(self._edges) + 1)
        for edge in self._edges:
            bins += (values >= edge).view(np.int8)
        return bins.astype(np.int64)


class _PlacesOfCodes:
    """Finds bins by code: `by_code` holds the bin of each code 0, 1, 2, ... A code beyond it is missing."""

    def __init__(self, by_code: Sequence[int], missing: int) -> None:
        self._by_code, self._missing = list(by_code), missing
        # Below 0, code 0, 1, 2, ..., beyond the last code, NaN.
        self._starts = np.array([*range(len(by_code) + 1), np.nan])
        self._array = np.array([missing, *by_code, missing, missing])

    def one(self, value: float) -> int:
        # Only a comparison with NaN is false on both sides.
        return self._by_code[int(value)] if 0 <= value < len(self._by_code) else self._missing

    def many(self, values: Floats) -> Ints:
        bins: Ints = self._array.take(self._starts.searchsorted(values, side="right"))
        return bins


class ScorecardColumn:
    """The bins of one model column.

    Either `edges` or `groups` must be given.

    Parameters
    ----------
    model_column : ModelColumn
        Computes the values.
    bins : sequence of Bin
        The regular bins, one for each of `special`, one for `unseen` if there are any, and the bin for
        missing values.
    edges : sequence of float, optional
        Inner edges of the regular bins, rising: bin 0 is below the first, bin i from ``edges[i - 1]`` to
        under ``edges[i]``.
    groups : sequence of sequence of int, optional
        Codes of choices of each regular bin.
    special : sequence of float
        Values with a bin of their own.
    unseen : sequence of int
        Codes of choices that no training row had.
    label : str, optional
        Name of the column in reasons; that of `model_column` if None.

    Attributes
    ----------
    own_bins : dict of float to int
        The bin of each value that no edge decides: unseen codes, special values, codes of groups.
    bin_of_value, bins_of_values : callable
        Return the bin of one value of the model column, and the bins of an array of shape (n,).

    Raises
    ------
    ValueError
        If the number of bins does not fit, or if not exactly one of `edges` and `groups` is given.
    """

    def __init__(
        self,
        model_column: ModelColumn,
        bins: Sequence[Bin],
        *,
        edges: Sequence[float] | None = None,
        groups: Sequence[Sequence[int]] | None = None,
        special: Sequence[float] = (),
        unseen: Sequence[int] = (),
        label: str | None = None,
    ) -> None:
        self.model_column = model_column
        self.column = model_column.column
        self.label = model_column.label if label is None else label
        self.edges = None if edges is None else [float(edge) for edge in edges]
        self.groups = None if groups is None else [list(group) for group in groups]
        self.special = [float(value) for value in special]
        self.unseen = list(unseen)
        self.bins = list(bins)
        self._check()
        self.points = np.array([row.points for row in self.bins])
        self.reasons: list[Reason] = [self._reason(row) for row in self.bins]
        self.own_bins = self._own_bins()
        places = self._make_places()
        self.bin_of_value: Callable[[float], int] = places.one
        self.bins_of_values: Callable[[Floats], Ints] = places.many

    @property
    def regular(self) -> int:
        """Number of bins before those of special, unseen and missing values."""
        return len(self.edges or ()) + 1 if self.groups is None else len(self.groups)

    @property
    def direction(self) -> int:
        """1 if points rise with the value, -1 if they fall, 0 for a nominal column."""
        if self.groups is not None:
            return 0
        return self.model_column.direction or (1 if self.points[self.regular - 1] >= self.points[0] else -1)

    def bins_of(self, columns: Columns) -> Ints:
        """Return the bin of each row, shape (n,)."""
        return self.bins_of_values(self.model_column.values(columns))

    def _check(self) -> None:
        if (self.edges is None) == (self.groups is None):
            raise ValueError(f"{self.column}: either edges or groups are expected.")
        expected = self.regular + len(self.special) + bool(self.unseen) + 1
        if len(self.bins) != expected:
            own = f"{len(self.special)} special values and {len(self.unseen)} unseen codes"
            cuts = f"{len(self.edges or ())} edges" if self.groups is None else f"{self.regular} groups"
            raise ValueError(f"{self.column}: {cuts}, {own} need {expected} bins, not {len(self.bins)}.")

    def _own_bins(self) -> dict[float, int]:
        """Return the bin of each single value: unseen codes, special values, codes of groups."""
        unseen = self.regular + len(self.special)
        own = {float(code): unseen for code in self.unseen}
        own |= {value: place for place, value in enumerate(self.special, self.regular)}
        groups = enumerate(self.groups or ())
        return own | {float(code): place for place, group in groups for code in group}

    def _make_places(self) -> _Places:
        missing = len(self.bins) - 1
        if self.groups is None:
            return _PlacesOfNumbers(self.edges or (), self.own_bins, missing)
        by_code = [
            self.own_bins.get(code, missing) for code in range(int(max(self.own_bins, default=-1)) + 1)
        ]
        return _PlacesOfCodes(by_code, missing)

    def _reason(self, row: Bin) -> Reason:
        return {
            "column": self.column,
            "label": self.label,
            "contribution": row.points,
            "text": f"{self.label}: {row.label}",
        }
