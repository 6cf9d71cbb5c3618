"""Weight-of-evidence binning of numbers, ordered codes and nominal codes."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import ClassifierTags, Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from ml.applications.types import Floats
from ml.training.bins import ColumnBins, Sample, nominal_bins, ordered_bins
from ml.training.targets import binary_codes, checked_weights

T = TypeVar("T")


class WeightOfEvidence(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc] # sklearn is untyped
    """Replace each value by the weight of evidence of its bin.

    Ordered columns are cut at quantiles. Neighbouring bins whose weights would move against `directions` are
    pooled [1]_. A nominal column has a bin for each value. A small bin is pooled with a neighbour, unless its
    odds are clearly others: with the next bin of an ordered column, with the next value by odds of a nominal
    one. Special values and missing values have bins of their own.

    Parameters
    ----------
    n_quantiles : int
        Quantile bins of a column before pooling; at least 1.
    smoothing : float
        Rows added to the events and to the non-events of a bin [2]_; above 0.
    directions : sequence of int or None, optional
        Per column, 1 (the weight never falls with the value), -1 (never rises), 0 (nominal) or ``None`` (1 or
        -1, whichever makes the outcomes of the fit likelier). ``None`` is 1 for every column.
    coded : sequence of bool, optional
        Per column, whether values are codes of choices. A code that no row of `fit` has gets weight 0.
        Nominal columns are always coded. ``None`` is True for them alone.
    specials : sequence of sequence of float, optional
        Per column, values that are no measurement, such as -9 for "no record".
    min_share : float
        Share of all rows below which a bin is small, from 0 (none is) to 1 (all are).
    min_errors_apart : float
        Standard errors by which a small bin must differ from its neighbours to stay unpooled, as the root of
        the likelihood ratio statistic [3]_; at least 0.
    shrinkage : float
        Rows of the average rate that are added to each bin, so that the weight of a bin with few rows is
        near 0; at least 0.

    Attributes
    ----------
    bins_ : list of ColumnBins
        The bins of each column: regular ones, special values, unseen codes, missing values.
    directions_ : list of int
        The direction of each column, also of those that `directions` leaves open.
    counts_ : list of ndarray of shape (n_bins, 2)
        Non-events and events per bin, as sums of sample weights.
    weights_ : list of ndarray of shape (n_bins,)
        Log of the smoothed odds of the bin against those of all rows; 0 for a bin without rows.

    References
    ----------
    .. [1] M. Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information",
       Annals of Mathematical Statistics 26, 1955 (pool adjacent violators). Here the smoothed odds are
       compared, not the plain rates: smoothing can reverse the order of two bins.
    .. [2] N. Siddiqi, "Credit Risk Scorecards", Wiley, 2006, chapter 6 (weight of evidence, adjusted for
       empty cells).
    .. [3] S. S. Wilks, "The Large-Sample Distribution of the Likelihood Ratio for Testing Composite
       Hypotheses", Annals of Mathematical Statistics 9, 1938 (chi-squared with one degree of freedom).
    """

    def __init__(  # noqa: PLR0917 - the conventions of scikit-learn
        self,
        n_quantiles: int = 20,
        smoothing: float = 0.5,
        directions: Sequence[int | None] | None = None,
        coded: Sequence[bool] | None = None,
        specials: Sequence[Sequence[float]] | None = None,
        min_share: float = 0.0,
        min_errors_apart: float = 1.0,
        shrinkage: float = 0.0,
    ) -> None:
        self.n_quantiles = n_quantiles
        self.smoothing = smoothing
        self.directions = directions
        self.coded = coded
        self.specials = specials
        self.min_share = min_share
        self.min_errors_apart = min_errors_apart
        self.shrinkage = shrinkage

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        tags.classifier_tags = ClassifierTags(multi_class=False)
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn bins and weights from X of shape (n, columns) and a binary y of shape (n,).

        Parameters
        ----------
        sample_weight : array-like of shape (n,), optional
            A row of weight 2 counts as two rows, one of weight 0 not at all.
        """
        values, target = validate_data(self, X, y, dtype=np.float64, ensure_all_finite=False)
        self._check_numbers()
        rows, weights = checked_weights(sample_weight, values)
        _, codes = binary_codes(target[rows])
        sample = Sample(codes, weights, self.smoothing, self.shrinkage, self.min_share, self.min_errors_apart)
        fitted = [self._bins(*column, sample) for column in self._columns(values[rows])]
        self.bins_ = [bins for bins, _ in fitted]
        self.directions_ = [direction for _, direction in fitted]
        self.counts_ = [
            sample.counts(bins.places(column), bins.size)
            for bins, column in zip(self.bins_, values[rows].T, strict=True)
        ]
        self.weights_ = [sample.evidence(counts) for counts in self.counts_]
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Return the weights of X, same shape."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite=False, reset=False)
        fitted = zip(values.T, self.bins_, self.weights_, strict=True)
        return np.column_stack([weights[bins.places(column)] for column, bins, weights in fitted])

    def _bins(
        self, column: Floats, direction: int | None, coded: bool, special: Sequence[float], sample: Sample
    ) -> tuple[ColumnBins, int]:
        own = np.array(special, dtype=np.float64)
        if direction == 0:
            return nominal_bins(column, own, sample), 0
        return ordered_bins(column, own, sample, direction, self.n_quantiles, coded=coded)

    def _columns(self, values: Floats) -> list[tuple[Floats, int | None, bool, Sequence[float]]]:
        """Return each column with its direction, whether it is coded, and its special values."""
        count = values.shape[1]
        directions = self._per_column("directions", [1] * count)
        if not {-1, 0, 1, None}.issuperset(directions):
            raise ValueError(f"directions is {self.directions!r}; expected only 1, -1, 0 and None.")
        coded = self._per_column("coded", [False] * count)
        return list(zip(values.T, directions, coded, self._per_column("specials", [()] * count), strict=True))

    def _per_column(self, name: str, default: Sequence[T]) -> Sequence[T]:
        given: Sequence[T] | None = getattr(self, name)
        if given is None:
            return default
        if len(given) != len(default):
            raise ValueError(f"{name} has {len(given)} values; expected {len(default)}, one per column.")
        return given

    def _check_numbers(self) -> None:
        if not isinstance(self.n_quantiles, Integral) or self.n_quantiles < 1:
            raise ValueError(f"n_quantiles is {self.n_quantiles!r}; expected a whole number of at least 1.")
        if not isinstance(self.smoothing, Real) or not self.smoothing > 0:
            raise ValueError(f"smoothing is {self.smoothing!r}; expected a number above 0.")
        if not isinstance(self.min_share, Real) or not 0 <= self.min_share <= 1:
            raise ValueError(f"min_share is {self.min_share!r}; expected a number from 0 to 1.")
        for name in ("min_errors_apart", "shrinkage"):
            value = getattr(self, name)
            if not isinstance(value, Real) or not value >= 0:
                raise ValueError(f"{name} is {value!r}; expected a number of at least 0.")
