"""How well one column alone tells good from bad: the area under its ROC curve."""

import math

import numpy as np

from ml.applications.types import Flags, Floats
from ml.schemas.draft.cells import Codes

_FOLDS = 5
_PRIOR_ROWS = 10.0  # a level's odds are drawn to the average as if it had this many average rows more


def area(scores: Floats, good: Flags) -> float:
    """Return the area under the ROC curve; ties count one half (Mann and Whitney's U).

    Examples
    --------
    >>> area(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True]))
    0.875
    """
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    goods = np.bincount(places, weights=good, minlength=len(counts))
    bads = counts - goods
    below = np.cumsum(bads) - bads
    return float((goods * (below + bads / 2)).sum() / (goods.sum() * bads.sum()))


def number_alone(numbers: Floats, good: Flags) -> float:
    """Return the area of a number's ranks, whichever way round; gaps stand at the better end."""
    ends = (-np.inf, np.inf) if np.isnan(numbers).any() else (0.0,)
    areas = [area(np.where(np.isnan(numbers), end, numbers), good) for end in ends]
    return max(max(found, 1 - found) for found in areas)


def category_alone(codes: Codes, good: Flags) -> float:
    """Return the area of the share of good rows per value, as the other folds show it.

    Out of fold, a column of many rare values is not flattered. The areas of the folds are averaged.
    """
    folds = _folds(good)
    width = int(codes.max()) + 1
    areas = []
    for fold in range(_FOLDS):
        inside = folds == fold
        counts = np.bincount(codes[~inside], minlength=width)
        goods = np.bincount(codes[~inside], weights=good[~inside], minlength=width)
        shares = (goods + _PRIOR_ROWS * good[~inside].mean()) / (counts + _PRIOR_ROWS)
        areas.append(area(shares[codes[inside]], good[inside]))
    return float(np.mean(areas))


def _folds(good: Flags) -> Codes:
    """Deal the good and the bad rows to folds, each in a random but repeatable order."""
    folds = np.empty(len(good), np.int64)
    generator = np.random.default_rng(0)
    for side in (good, ~good):
        rows = generator.permutation(np.flatnonzero(side))
        folds[rows] = np.arange(len(rows)) % _FOLDS
    return folds


def standard_error(found: float, good_rows: int, bad_rows: int) -> float:
    """Return the standard error of an area (Hanley and McNeil, 1982)."""
    one, two = found / (2 - found), 2 * found**2 / (1 + found)
    variance = found * (1 - found) + (good_rows - 1) * (one - found**2) + (bad_rows - 1) * (two - found**2)
    return math.sqrt(max(0.0, variance) / (good_rows * bad_rows))
