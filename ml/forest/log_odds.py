"""Probabilities that a forest gives, as log-odds; the scorecard works in log-odds from the start."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# A forest may answer exactly 0 or 1, whose log-odds are infinite and no JSON number.
_EDGE = 1e-12
# Nearer than this, the difference of two log-odds has lost its digits.
_EQUAL = 1e-9


def log_odds(probability: Floats) -> Floats:
    """Return ln(p / (1 - p)), p clipped to [1e-12, 1 - 1e-12]; any shape."""
    inside = _inside(probability)
    return np.log(inside / (1 - inside))


def slope(start: Floats, probability: Floats) -> Floats:
    """Return the log-odds gained per unit of probability on the way from `start` to `probability`.

    Positive everywhere; where both are equal, its limit 1 / (p (1 - p)).

    Parameters
    ----------
    start, probability : ndarray of the same or broadcastable shapes

    Returns
    -------
    ndarray
    """
    way = probability - start
    equal = np.abs(way) < _EQUAL
    inside = _inside(start)
    gained = log_odds(probability) - log_odds(start)
    return np.where(equal, 1 / (inside * (1 - inside)), gained / np.where(equal, 1, way))


def _inside(probability: Floats) -> Floats:
    return np.clip(probability, _EDGE, 1 - _EDGE)
