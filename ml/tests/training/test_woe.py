"""Weight of evidence: bins, weights, and their promised direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ml.training.bins import bin_of
from ml.training.woe import WeightOfEvidence

NAN, INF = np.nan, np.inf


@st.composite
def tables(draw):
    """One column with gaps and infinities, and outcomes of both kinds."""
    rows = draw(st.integers(2, 60))
    values = st.floats(-100, 100) | st.sampled_from([0.0, 1.0, NAN, INF, -INF])
    column = draw(arrays.arrays(np.float64, rows, elements=values))
    outcomes = draw(arrays.arrays(np.int64, rows, elements=st.integers(0, 1)))
    outcomes[:2] = 0, 1
    return column.reshape(-1, 1), outcomes


def fit(column, y, **parameters):
    return WeightOfEvidence(**parameters).fit(np.array(column, dtype=float).reshape(-1, 1), np.array(y))


def weights_of(fitted, values):
    return fitted.transform(np.array(values, dtype=float).reshape(-1, 1))[:, 0]


@given(tables(), st.sampled_from([1, -1]), st.integers(1, 30), st.sampled_from([0.01, 0.5, 3.0]))
def test_weights_never_move_against_the_promised_direction(table, direction, n_quantiles, smoothing):
    fitted = WeightOfEvidence(n_quantiles, smoothing, [direction]).fit(*table)
    grid = np.concatenate([[-INF], np.linspace(-101, 101, 500), [INF]])
    assert (np.diff(weights_of(fitted, grid)) * direction >= 0).all()


@given(tables(), st.sampled_from([1, 0, -1]))
def test_every_row_is_counted_in_exactly_one_bin(table, direction):
    (counts,) = WeightOfEvidence(directions=[direction]).fit(*table).counts_
    assert counts.sum(axis=0).tolist() == [(table[1] == 0).sum(), (table[1] == 1).sum()]


def test_a_weight_is_the_smoothed_log_odds_against_the_average():
    fitted = fit([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1, 1, 0], directions=[0])
    low, high = np.log(1.5 / 3.5), np.log(3.5 / 1.5)
    np.testing.assert_allclose(weights_of(fitted, [0, 1]), [low, high], rtol=1e-12)


def test_neighbours_in_the_wrong_order_are_pooled():
    column, y = np.repeat([0, 1, 2], 4), [0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0]
    edges = fit(column, y, n_quantiles=12).bins_[0].edges
    assert bin_of(np.array([0.0, 1.0, 2.0]), edges).tolist() == [0, 1, 1]


def test_a_small_pure_bin_never_turns_the_order_round():
    column, y = [0] * 100 + [1] * 2, [1] * 99 + [0] + [1] * 2  # rates .99 and 1, smoothed odds 66 and 5
    fitted = fit(column, y, n_quantiles=100)
    assert len(set(weights_of(fitted, [0, 1]))) == 1


def test_a_nominal_column_has_a_bin_for_each_value():
    fitted = fit([0, 0, 1, 1, 2, 2], [1, 1, 0, 0, 1, 1], directions=[0])
    low, middle, high = weights_of(fitted, [0, 1, 2])
    assert low == high > middle


def test_missing_has_a_bin_of_its_own():
    fitted = fit([1, 2, 3, 4, NAN, NAN, NAN], [1, 1, 1, 1, 0, 0, 0])
    assert fitted.counts_[0][-1].tolist() == [3, 0]
    assert weights_of(fitted, [NAN]) < 0 < weights_of(fitted, [1])


def test_missing_never_seen_in_training_weighs_nothing():
    assert weights_of(fit([1, 2, 3, 4], [0, 1, 1, 1]), [NAN]) == 0


def test_infinity_lands_in_the_last_bin():
    fitted = fit([1, 1, 2, 2, INF, INF], [1, 1, 1, 0, 0, 0], directions=[-1])
    assert weights_of(fitted, [INF]) == weights_of(fitted, [2]) < weights_of(fitted, [1])


def test_a_column_of_nothing_but_gaps_can_be_fitted():
    assert weights_of(fit([NAN] * 4, [0, 1, 1, 1]), [5]) == 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_quantiles": 0}, "n_quantiles is .*; expected a whole number"),
        ({"n_quantiles": 2.5}, "n_quantiles is .*; expected a whole number"),
        ({"smoothing": 0}, "smoothing is .*; expected a number above 0"),
        ({"smoothing": NAN}, "smoothing is .*; expected a number above 0"),
        ({"directions": [1, 1]}, "directions has 2 values; expected 1"),
        ({"directions": [2]}, "expected only 1, -1, 0 and None"),
    ],
)
def test_a_bad_parameter_is_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        fit([1, 2, 3, 4], [0, 1, 0, 1], **parameters)


@pytest.mark.parametrize("y", [[0, 0, 0], [0, 1, 2]])
def test_only_two_classes_are_fitted(y):
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        fit([1, 2, 3], y)
