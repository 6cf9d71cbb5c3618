"""Binary targets and sample weights, as the estimators of this package read them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight

from ml.applications.types import Floats, Ints


def binary_codes(y: ArrayLike) -> tuple[NDArray[np.generic], Ints]:
    """Return the two classes of a target and their codes 0 and 1."""
    if not (isinstance(y, np.ndarray) and y.dtype.kind in "biu"):  # whole numbers are always classes
        check_classification_targets(y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) != 2:
        raise ValueError(f"Only binary classification is supported. The target has {len(classes)} class(es).")
    return classes, codes


def checked_weights(sample_weight: ArrayLike | None, X: Floats) -> tuple[Ints | slice, Floats | None]:
    """Return the rows that count, and their weights; ``None`` if each row counts once."""
    if sample_weight is None:
        return slice(None), None
    weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    rows = np.flatnonzero(weights)
    return rows, weights[rows]
