"""The logistic regression whose coefficients are never below zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from ml.training.logistic import NonNegativeLogisticRegression


def table(seed, *slopes):
    """Random columns whose log-odds have these slopes."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, len(slopes)))
    return X, (rng.random(200) < 1 / (1 + np.exp(-X @ np.array(slopes)))).astype(int)


@given(st.integers(0, 10**6), st.lists(st.floats(-2, 2), min_size=1, max_size=4))
def test_no_coefficient_is_ever_below_zero(seed, slopes):
    assert (NonNegativeLogisticRegression().fit(*table(seed, *slopes)).coef_ >= 0).all()


def test_without_a_negative_coefficient_it_is_ordinary_logistic_regression():
    X, y = table(1, 1.0, 2.0)
    expected = LogisticRegression(tol=1e-8, max_iter=1000).fit(X, y).predict_proba(X)
    found = NonNegativeLogisticRegression().fit(X, y).predict_proba(X)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("is_weighted", [False, True])
def test_coefficients_are_those_of_scikit_learn_to_the_last_bit(is_weighted):
    X, y = table(1, 1.0, 2.0)
    weights = np.random.default_rng(2).exponential(size=len(y)) if is_weighted else None
    expected = LogisticRegression(C=0.3, solver="newton-cholesky", tol=1e-8, max_iter=1000)
    expected.fit(X, y, sample_weight=weights)
    found = NonNegativeLogisticRegression(C=0.3).fit(X, y, sample_weight=weights)
    assert found.coef_.tolist() == expected.coef_.tolist()
    assert found.intercept_.tolist() == expected.intercept_.tolist()


def test_a_column_that_points_the_wrong_way_is_dropped_and_the_rest_fitted_again():
    X, y = table(1, 1.0, -1.0)
    found = NonNegativeLogisticRegression().fit(X, y)
    alone = NonNegativeLogisticRegression().fit(X[:, :1], y)
    assert found.coef_.tolist() == [[alone.coef_[0, 0], 0]]
    assert found.intercept_ == alone.intercept_


def test_without_any_useful_column_everyone_gets_the_average():
    X, y = table(1, -2.0)
    found = NonNegativeLogisticRegression().fit(X, y).predict_proba(X)[:, 1]
    np.testing.assert_allclose(found, y.mean(), rtol=1e-12)


def test_a_stronger_penalty_makes_smaller_coefficients():
    X, y = table(1, 2.0)
    weak, strong = (NonNegativeLogisticRegression(C=C).fit(X, y).coef_[0, 0] for C in (10, 0.01))
    assert weak > strong > 0


def test_a_penalty_without_a_strength_is_refused():
    with pytest.raises(ValueError, match="C is 0; expected a number above 0"):
        NonNegativeLogisticRegression(C=0).fit(*table(1, 2.0))


@pytest.mark.parametrize("labels", [("N", "Y"), (-1, 1)])
def test_the_classes_are_those_of_y(labels):
    X, y = table(1, 3.0)
    found = NonNegativeLogisticRegression().fit(X, np.array(labels)[y])
    assert found.classes_.tolist() == list(labels)
    assert (found.predict(X) == np.array(labels)[(found.predict_proba(X)[:, 1] > 0.5).astype(int)]).all()
