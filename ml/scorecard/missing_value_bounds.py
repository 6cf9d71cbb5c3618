"""Bounds of the approval probability, if missing values became known."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict

import numpy as np

from ml.applications.types import Columns
from ml.schemas.features import Feature

N_PROBES = 12


class ProbabilityBounds(TypedDict):
    """Lowest and highest approval probability, if missing values became known.

    Attributes
    ----------
    together : [lowest, highest]
        With every missing value known.
    alone : dict of str to [lowest, highest]
        By column, with only this value known.
    """

    together: list[float]
    alone: dict[str, list[float]]


def missing_columns_by_row(columns: Columns, sources: Sequence[str], count: int) -> list[list[str]]:
    """Return, for each of `count` rows, the names in `sources` of columns without a value."""
    missing: list[list[str]] = [[] for _ in range(count)]
    for column in sources:
        values = columns[column]
        if None in values:
            for row, value in enumerate(values):
                if value is None:
                    missing[row].append(column)
    return missing


def probe_bounds(
    features: Mapping[str, Feature],
    columns: Columns,
    missing: Sequence[Sequence[str]],
    probabilities: Callable[[Columns], Sequence[float]],
) -> dict[int, ProbabilityBounds]:
    """Return bounds for a model without known bins, by trying values in place of missing ones.

    One column is filled at a time; ``together`` spans the probabilities of all these tries.

    Parameters
    ----------
    features : mapping of str to Feature
        Declarations of the columns to fill.
    columns : mapping of str to sequence, each of length n
    missing : sequence of sequence of str, of length n
        Columns to fill, by row. Protected columns are never tried, since nobody is asked for them.
    probabilities : callable
        Returns the approval probabilities of m rows, given as columns.

    Returns
    -------
    dict of int to ProbabilityBounds
        By row number; rows without a column to fill are left out.
    """
    tries = [
        (row, column, value)
        for row, names in enumerate(missing)
        for column in names
        for value in _probes(features[column])
    ]
    if not tries:
        return {}
    filled = {
        name: [value if name == column else values[row] for row, column, value in tries]
        for name, values in columns.items()
    }
    by_row: dict[int, dict[str, list[float]]] = {}
    for (row, column, _), probability in zip(tries, probabilities(filled), strict=True):
        by_row.setdefault(row, {}).setdefault(column, []).append(probability)
    return {row: _bounds(tried) for row, tried in by_row.items()}


def _bounds(tried: Mapping[str, Sequence[float]]) -> ProbabilityBounds:
    alone = {column: [min(probabilities), max(probabilities)] for column, probabilities in tried.items()}
    lows, highs = zip(*alone.values(), strict=True)
    return {"together": [min(lows), max(highs)], "alone": alone}


def _probes(feature: Feature) -> Sequence[str | float]:
    """Return every choice, or numbers at equal ratios over the usual range."""
    if feature.protected:
        return ()
    if feature.values:
        return feature.values
    low, high = feature.usual if np.isfinite(feature.usual).all() else _bounds_of(feature)
    spaced = np.geomspace if low > 0 else np.linspace
    probes: list[float] = spaced(low, high, N_PROBES).tolist()
    return probes


def _bounds_of(feature: Feature) -> tuple[float, float]:
    low = feature.minimum if feature.above is None else feature.above
    return (low or 0.0), (feature.maximum or 0.0)
