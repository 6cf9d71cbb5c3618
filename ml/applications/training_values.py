"""The values that a model was trained on: kept with it, so that a value unlike them can be named."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ml.applications.schema import FEATURES, Feature
from ml.scorecard.columns import Columns

# By column: the lowest and the highest number, or every choice that was met, in the schema's order. A column
# without any value has an empty list.
TrainingValues = Mapping[str, Sequence[Any]]


def training_values(blocks: Iterable[Columns]) -> dict[str, list[Any]]:
    """Return the values of a training table that comes in blocks of columns.

    Parameters
    ----------
    blocks : iterable of mapping of str to sequence
        Checked values by column; ``None``, or NaN in an array, for a gap.
    """
    met: dict[str, set[Any]] = {feature.column: set() for feature in FEATURES}
    for columns in blocks:
        for feature in FEATURES:
            met[feature.column] |= _ends(feature, columns[feature.column])
    return {feature.column: _kept(feature, met[feature.column]) for feature in FEATURES}


def _ends(feature: Feature, values: Sequence[Any]) -> set[Any]:
    """Return the choices of a column, or its lowest and highest number."""
    if feature.choices:
        return set(values).intersection(feature.values)
    numbers = np.array(values, dtype=np.float64)
    numbers = numbers[~np.isnan(numbers)]
    return {float(numbers.min()), float(numbers.max())} if len(numbers) else set()


def _kept(feature: Feature, met: set[Any]) -> list[Any]:
    if feature.choices:
        return [value for value in feature.values if value in met]
    return [min(met), max(met)] if met else []


def unseen(feature: Feature, values: TrainingValues | None) -> frozenset[Any]:
    """Return the choices that no training row had; none where nothing is known of them."""
    known = (values or {}).get(feature.column)
    return frozenset() if known is None else frozenset(feature.values).difference(known)


def span(feature: Feature, values: TrainingValues | None) -> tuple[float, float]:
    """Return the lowest and the highest training value, endless where nothing is known of them."""
    known = (values or {}).get(feature.column)
    if known is None:
        return -math.inf, math.inf
    return (known[0], known[1]) if known else (math.inf, -math.inf)
