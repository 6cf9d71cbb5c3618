"""Probabilities of a forest as log-odds."""

import numpy as np

from ml.applications.types import Floats

# A forest may return exactly 0 or 1, whose log-odds are infinite and not valid in JSON.
_MIN_PROBABILITY = 1e-12
# For closer probabilities, the difference of their log-odds has no correct digits.
_MIN_DIFFERENCE = 1e-9


def log_odds(probability: Floats) -> Floats:
    """Return ln(p / (1 - p)) of probabilities of any shape, clipped to [1e-12, 1 - 1e-12]."""
    clipped = _clip(probability)
    return np.log(clipped / (1 - clipped))


def slope(start: Floats, probability: Floats) -> Floats:
    """Return the slope of the log-odds between `start` and `probability`, which is positive everywhere.

    For equal probabilities it is the derivative, 1 / (p (1 - p)).

    Parameters
    ----------
    start, probability : ndarray of the same or broadcastable shapes

    Returns
    -------
    ndarray
    """
    distance = probability - start
    equal = np.abs(distance) < _MIN_DIFFERENCE
    clipped = _clip(start)
    rise = log_odds(probability) - log_odds(start)
    return np.where(equal, 1 / (clipped * (1 - clipped)), rise / np.where(equal, 1, distance))


def _clip(probability: Floats) -> Floats:
    return np.clip(probability, _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
