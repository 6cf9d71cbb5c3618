"""How far the probability of one case is uncertain, because the training rows are a sample.

The web worker reads the intervals, so this module does not import scikit-learn.
"""

from collections.abc import Iterable, Mapping
from typing import TypedDict

import numpy as np

from ml.applications.types import Floats
from ml.figures import Z_95
from ml.scorecard.scorecard import probability_of

STEP = 0.01
"""Log-odds that a deviation of 1 in a `PointsSamples` stands for."""


class PointsSamples(TypedDict):
    """What other samples of training rows would have made of a points table (`ml.training.strength`).

    Each text holds the deviations from the table, one for each sample, as whole numbers of `STEP` log-odds.
    As texts they take a tenth of the room that lists take in a manifest.

    Attributes
    ----------
    base : str
        Deviations of the base.
    columns : dict of str to list of str
        Deviations of the points of each bin, by model column.
    """

    base: str
    columns: dict[str, list[str]]


def deviations_text(deviations: Iterable[float]) -> str:
    """Return log-odds as the text of a `PointsSamples`."""
    return " ".join(str(round(deviation / STEP)) for deviation in deviations)


def probability_interval(
    samples: PointsSamples, log_odds: float, bins: Mapping[str, int]
) -> tuple[float, float]:
    """Return the 95% interval of the probability of one case.

    Parameters
    ----------
    samples : PointsSamples
        As the training report of the model holds them.
    log_odds : float
        Of the case.
    bins : mapping of str to int
        The bin of the case in each model column (`Scorecard.bins_of`).

    Returns
    -------
    tuple of float
        Lowest and highest probability: 1.96 standard errors of the log-odds to either side.

    References
    ----------
    B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall, 1993, chapter 12 (intervals
    from the standard error of bootstrap samples).

    Examples
    --------
    >>> samples = {"base": "10 -10 0", "columns": {"Total_Income": ["0 0 0", "40 -20 -20"]}}
    >>> [round(end, 3) for end in probability_interval(samples, 0.0, {"Total_Income": 0})]
    [0.451, 0.549]
    >>> [round(end, 3) for end in probability_interval(samples, 0.0, {"Total_Income": 1})]
    [0.299, 0.701]
    """
    total = _deviations(samples["base"])
    for column, place in bins.items():
        total = total + _deviations(samples["columns"][column][place])
    half = Z_95 * STEP * float(total.std(ddof=1))
    return float(probability_of(log_odds - half)), float(probability_of(log_odds + half))


def _deviations(text: str) -> Floats:
    return np.array(text.split(), dtype=np.float64)
