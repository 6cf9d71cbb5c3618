"""Bins of one column of a weight-of-evidence model: cut points of numbers, groups of codes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import xlogy

from ml.applications.types import Floats, Ints

Block = tuple[int, Floats]
"""The first of the neighbouring bins that are pooled, and their non-events and events."""


def bin_of(values: Floats, edges: Floats) -> Ints:
    """Return the bin of each value.

    Bin 0 is below ``edges[0]``, bin i from ``edges[i - 1]`` to under ``edges[i]``; the last bin,
    ``len(edges) + 1``, is for NaN.
    """
    # NaN sorts after every number, so an edge of NaN puts missing values behind the last bin.
    return np.append(edges, np.nan).searchsorted(values, side="right")


@dataclass(frozen=True, slots=True)
class Sample:
    """Outcomes and weights of the rows of a fit, and how bins are smoothed.

    Attributes
    ----------
    codes : ndarray of shape (n,)
        1 for an event, 0 for a non-event.
    weights : ndarray of shape (n,) or None
        Weights of the rows; ``None`` if each row counts once.
    smoothing : float
        Rows added to the events and to the non-events of a bin.
    shrinkage : float
        Rows of the average event rate added to a bin.
    min_share : float
        Share of all rows below which a bin is small.
    min_errors_apart : float
        Standard errors by which a small bin must differ from its neighbours.
    totals : ndarray of shape (2,)
        Non-events and events of all rows.
    added : ndarray of shape (2,)
        What smoothing and shrinkage add to the counts of a bin.
    """

    codes: Ints
    weights: Floats | None
    smoothing: float
    shrinkage: float
    min_share: float
    min_errors_apart: float
    totals: Floats = field(init=False)
    added: Floats = field(init=False)

    def __post_init__(self) -> None:
        totals = np.bincount(self.codes, self.weights, 2).astype(np.float64)
        object.__setattr__(self, "totals", totals)
        object.__setattr__(self, "added", self.smoothing + self.shrinkage * totals / totals.sum())

    def counts(self, places: Ints, size: int, kept: Ints | None = None) -> Floats:
        """Return non-events and events of each bin, shape (size, 2); of the rows `kept` if given."""
        codes = self.codes if kept is None else self.codes[kept]
        weights = self.weights if self.weights is None or kept is None else self.weights[kept]
        counted = np.bincount(2 * places + codes, weights, 2 * size)
        return counted.astype(np.float64).reshape(size, 2)

    def odds(self, counts: Floats) -> Floats:
        """Return the smoothed odds of bins, shape (...,), from counts of shape (..., 2)."""
        smoothed = counts + self.added
        return np.asarray(smoothed[..., 1] / smoothed[..., 0])

    def evidence(self, counts: Floats) -> Floats:
        """Return the log of the smoothed odds against the average; 0 for a bin without rows."""
        average = np.log(self.totals[1] / self.totals[0])
        return np.where(counts.sum(axis=-1) > 0, np.log(self.odds(counts)) - average, 0.0)


@dataclass(frozen=True, eq=False)
class ColumnBins:
    """The bins of one column: regular ones, one for each special value, unseen codes, missing values.

    Attributes
    ----------
    edges : ndarray
        Inner edges of the regular bins of an ordered column.
    groups : list of list of float or None
        The values of each regular bin of a nominal column; ``None`` for an ordered one.
    special : ndarray
        Values with a bin of their own.
    seen : ndarray or None
        The codes that rows of the fit have; ``None`` for a column of numbers.
    """

    edges: Floats
    groups: list[list[float]] | None
    special: Floats
    seen: Floats | None

    @property
    def regular(self) -> int:
        return len(self.edges) + 1 if self.groups is None else len(self.groups)

    @property
    def unseen(self) -> int:
        """Place of the bin for codes that no row of the fit has."""
        return self.regular + len(self.special)

    @property
    def size(self) -> int:
        """Number of bins; the last is for missing values."""
        return self.unseen + 2

    def places(self, values: Floats) -> Ints:
        """Return the bin of each value, shape (n,)."""
        places = bin_of(values, self.edges) if self.groups is None else self._group_of(values)
        if self.seen is not None:
            places[~np.isin(values, self.seen)] = self.unseen
        for place, special in enumerate(self.special, self.regular):
            places[values == special] = place
        places[np.isnan(values)] = self.size - 1
        return places

    def _group_of(self, values: Floats) -> Ints:
        """Return the group of each value, an arbitrary one for an unseen value."""
        levels, groups = self._levels
        if not len(levels):
            return np.zeros(len(values), dtype=np.int64)
        return groups[np.minimum(levels.searchsorted(values), len(levels) - 1)]

    @cached_property
    def _levels(self) -> tuple[Floats, Ints]:
        """Return all values of the groups, rising, and the group of each."""
        pairs = sorted((level, place) for place, group in enumerate(self.groups or ()) for level in group)
        return np.array([level for level, _ in pairs]), np.array(
            [place for _, place in pairs], dtype=np.int64
        )


def nominal_bins(column: Floats, special: Floats, sample: Sample) -> ColumnBins:
    """Return a bin for each value of a nominal column; rare ones are pooled with neighbours by odds."""
    kept = _regular_rows(column, special)
    levels, places = np.unique(column[kept], return_inverse=True)
    counts = sample.counts(places, len(levels), kept)
    groups = [([float(level)], count) for level, count in zip(levels, counts, strict=True)]
    while len(groups) > 1:
        groups.sort(key=lambda group: (float(sample.odds(group[1])), group[0]))
        place = _pair_to_pool([count for _, count in groups], sample)
        if place is None:
            break
        pooled = [groups.pop(place), groups.pop(place)]
        groups.append((sorted(pooled[0][0] + pooled[1][0]), pooled[0][1] + pooled[1][1]))
    return ColumnBins(np.empty(0), sorted(values for values, _ in groups), special, levels)


def ordered_bins(
    column: Floats, special: Floats, sample: Sample, direction: int | None, n_quantiles: int, *, coded: bool
) -> tuple[ColumnBins, int]:
    """Return the bins of an ordered column, and its direction.

    Parameters
    ----------
    direction : int or None
        1 or -1; ``None`` for the one under which the outcomes are likelier, 1 if both are equally likely.
    coded : bool
        Whether values are codes, so that a code without a row is told from its neighbours.
    """
    kept = _regular_rows(column, special)
    values = column[kept]
    finite = np.isfinite(values)
    weights = None if sample.weights is None else sample.weights[kept][finite]
    edges = _quantiles(values[finite], weights, n_quantiles)
    counts = sample.counts(bin_of(values, edges), len(edges) + 1, kept)
    tried = [(_pool(counts, sign, sample), sign) for sign in ((direction,) if direction else (1, -1))]
    blocks, found = max(tried, key=lambda pooled: _log_likelihood(pooled[0]))
    edges = edges[[first - 1 for first, _ in blocks[1:]]]
    return ColumnBins(edges, None, special, np.unique(values) if coded else None), found


def _regular_rows(column: Floats, special: Floats) -> Ints:
    return np.flatnonzero(~np.isnan(column) & ~np.isin(column, special))


def _quantiles(values: Floats, weights: Floats | None, count: int) -> Floats:
    """Return the distinct inner quantiles. A row of weight 2 counts as two rows."""
    levels = np.linspace(0, 1, count + 1)[1:-1]
    if not len(values):
        return np.empty(0)
    if weights is None:
        return np.unique(np.quantile(values, levels))
    order = values.argsort(kind="stable")
    values, ends = values[order], weights[order].cumsum()
    positions = levels * max(ends[-1] - 1, 0)
    lower, share = np.floor(positions), positions % 1
    at = [ends.searchsorted(place, side="right").clip(max=len(values) - 1) for place in (lower, lower + 1)]
    below, above = values[at[0]], values[at[1]]
    return np.unique(below + (above - below) * share)


def _pool(counts: Floats, direction: int, sample: Sample) -> list[Block]:
    """Pool bins whose odds move against `direction`, and bins with too few rows."""
    first = [(int(place), counts[place]) for place in np.flatnonzero(counts.sum(axis=1))]
    blocks = _in_order(first, direction, sample)
    while len(blocks) > 1:
        place = _pair_to_pool([count for _, count in blocks], sample)
        if place is None:
            break
        (start, count), (_, other) = blocks[place : place + 2]
        blocks[place : place + 2] = [(start, count + other)]
        blocks = _in_order(blocks, direction, sample)
    return blocks


def _in_order(bins: Sequence[Block], direction: int, sample: Sample) -> list[Block]:
    blocks: list[Block] = []
    odds: list[float] = []
    for start, count in bins:
        own = _odds(count, sample)
        while blocks and direction * (own - odds[-1]) <= 0:
            odds.pop()
            start, before = blocks.pop()  # noqa: PLW2901 - the block grows
            count = before + count  # noqa: PLW2901
            own = _odds(count, sample)
        blocks.append((start, count))
        odds.append(own)
    return blocks


def _odds(count: Floats, sample: Sample) -> float:
    """Return `Sample.odds` of one bin; a training asks for them 60,000 times."""
    non_events, events = (count + sample.added).tolist()
    return float(events / non_events)


def _pair_to_pool(counts: Sequence[Floats], sample: Sample) -> int | None:
    """Return the neighbours that are hardest to tell apart, one of them small; ``None`` if all are clear.

    Pair i is the bins i and i + 1.
    """
    rows = np.array(counts)
    is_small = rows.sum(axis=1) < sample.min_share * sample.totals.sum()
    pairs = np.flatnonzero(is_small[:-1] | is_small[1:])
    if not len(pairs):
        return None
    likelihoods = _log_likelihoods(rows)
    gains = likelihoods[:-1] + likelihoods[1:] - _log_likelihoods(rows[:-1] + rows[1:])
    apart = np.sqrt(np.maximum(2 * gains, 0))
    pair = pairs[apart[pairs].argmin()]
    return int(pair) if apart[pair] < sample.min_errors_apart else None


def _log_likelihood(blocks: Sequence[Block]) -> float:
    return float(_log_likelihoods(np.array([count for _, count in blocks]).reshape(-1, 2)).sum())


def _log_likelihoods(counts: Floats) -> Floats:
    """Return the log-likelihood of the outcomes in each bin, from counts of shape (n_bins, 2)."""
    return np.asarray(xlogy(counts, counts / counts.sum(axis=1, keepdims=True)).sum(axis=1))
