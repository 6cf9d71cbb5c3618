"""Whether probabilities come true: the reliability table and the error that sums it up."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BINS = 10


def expected_calibration_error(y: Ints, probability: Floats, bins: int = BINS) -> float:
    """Return the mean gap between predicted and observed rate over equal-width bins, weighted by rows.

    Parameters
    ----------
    y : ndarray of shape (n,)
        0 or 1.
    probability : ndarray of shape (n,)

    References
    ----------
    M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning", AAAI 2015, section "Calibration measures".
    """
    gaps = np.bincount(_bin_of(probability, bins), weights=probability - y, minlength=bins)
    return float(np.abs(gaps).sum() / len(y))


def reliability(y: Ints, probability: Floats, bins: int = BINS) -> list[dict[str, float]]:
    """Return predicted beside observed rate in the bins of `expected_calibration_error`.

    Parameters
    ----------
    y : ndarray of shape (n,)
        0 or 1.
    probability : ndarray of shape (n,)

    Returns
    -------
    list of dict
        ``{"low", "high", "rows", "predicted", "observed"}`` for each bin that has rows, lowest first: the
        bin's bounds, its mean probability, and the share of its rows with y = 1.
    """
    which = _bin_of(probability, bins)
    return [
        {
            "low": number / bins,
            "high": (number + 1) / bins,
            "rows": int((which == number).sum()),
            "predicted": float(probability[which == number].mean()),
            "observed": float(y[which == number].mean()),
        }
        for number in np.unique(which).tolist()
    ]


def _bin_of(probability: Floats, bins: int) -> Ints:
    return np.minimum((probability * bins).astype(np.int64), bins - 1)
