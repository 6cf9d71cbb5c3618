"""Nominal groups, small bins, special values, directions that the data choose, weights of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.tests.training.test_woe import NAN, fit, tables, weights_of
from ml.training.woe import WeightOfEvidence


def rows_of(*levels):
    """A column and its outcomes from (value, non-events, events)."""
    column = [value for value, non_events, events in levels for _ in range(non_events + events)]
    return column, [y for _, non_events, events in levels for y in [0] * non_events + [1] * events]


def groups_of(*levels, **parameters):
    return fit(*rows_of(*levels), directions=[0], min_share=0.05, **parameters).bins_[0].groups


def test_a_rare_value_shares_the_bin_of_its_neighbour_by_odds():
    assert groups_of((0, 50, 100), (1, 100, 50), (2, 1, 3)) == [[0, 2], [1]]


def test_a_rare_value_with_clearly_other_odds_keeps_a_bin_of_its_own():
    assert groups_of((0, 50, 100), (1, 100, 50), (2, 12, 0)) == [[0], [1], [2]]


def test_without_a_need_of_clear_odds_no_small_bin_is_pooled():
    levels = (0, 50, 100), (1, 100, 50), (2, 1, 3)
    assert groups_of(*levels, min_errors_apart=0) == [[0], [1], [2]]


@pytest.mark.parametrize("n_quantiles", [20, 200])
def test_small_bins_of_numbers_are_pooled_with_a_neighbour(n_quantiles):
    rng = np.random.default_rng(1)
    column = rng.normal(size=400)
    fitted = fit(
        column,
        rng.random(400) < 1 / (1 + np.exp(-column)),
        n_quantiles=n_quantiles,
        min_share=0.2,
        min_errors_apart=100,
    )
    sizes = fitted.counts_[0][: fitted.bins_[0].regular].sum(axis=1)
    assert len(sizes) > 1
    assert (sizes >= 0.2 * 400).all()


@given(tables(), st.sampled_from([1, -1, None]), st.sampled_from([0.0, 5.0]))
def test_pooled_bins_keep_the_direction(table, direction, shrinkage):
    woe = WeightOfEvidence(directions=[direction], min_share=0.3, shrinkage=shrinkage).fit(*table)
    own = woe.weights_[0][: woe.bins_[0].regular]
    if woe.counts_[0][: woe.bins_[0].regular].sum(axis=1).all():
        assert (np.diff(own) * woe.directions_[0] >= 0).all()


@pytest.mark.parametrize("direction", [1, -1])
def test_the_data_choose_a_direction_that_is_left_open(direction):
    column, y = rows_of((1, 30, 10), (2, 20, 20), (3, 10, 30))
    fitted = fit(np.array(column) * direction, y, directions=[None])
    assert fitted.directions_ == [direction]
    assert len(fitted.bins_[0].edges) == 2


def test_a_special_value_has_a_bin_of_its_own_among_no_numbers():
    column, y = rows_of((1, 30, 10), (2, 10, 30), (-9, 5, 35), (NAN, 20, 20))
    fitted = fit(column, y, specials=[[-9]])
    assert weights_of(fitted, [-9]) > weights_of(fitted, [2]) > weights_of(fitted, [1])
    assert weights_of(fitted, [-8]) == weights_of(fitted, [1])


def test_a_code_that_was_not_seen_weighs_nothing():
    fitted = fit(*rows_of((0, 10, 20), (2, 20, 10)), directions=[0])
    assert weights_of(fitted, [1, 3]).tolist() == [0, 0]


def test_shrinkage_draws_small_bins_to_the_average_more_than_large_ones():
    levels = (0, 10, 90), (1, 1, 9), (NAN, 80, 20), (2, 8, 2)
    plain, shrunk = (fit(*rows_of(*levels), directions=[0], shrinkage=m) for m in (0, 10))
    kept = weights_of(shrunk, [0, 1, NAN, 2]) / weights_of(plain, [0, 1, NAN, 2])
    assert ((kept > 0) & (kept < 1)).all()
    assert kept[0] > kept[1]
    assert kept[2] > kept[3]


@given(tables(), st.sampled_from([1, 0, None]))
def test_a_row_of_weight_2_counts_as_two_rows(table, direction):
    column, y = table
    weights = 1 + np.arange(len(y)) % 2
    parameters = {"directions": [direction], "min_share": 0.1, "n_quantiles": 4}
    weighted = WeightOfEvidence(**parameters).fit(column, y, sample_weight=weights)
    repeated = WeightOfEvidence(**parameters).fit(column.repeat(weights, axis=0), y.repeat(weights))
    np.testing.assert_allclose(weighted.transform(column), repeated.transform(column), rtol=1e-9)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"min_share": 1.5}, "min_share is 1.5; expected a number from 0 to 1"),
        ({"shrinkage": -1}, "shrinkage is -1; expected a number of at least 0"),
        ({"min_errors_apart": NAN}, "min_errors_apart is nan; expected a number of at least 0"),
        ({"specials": [[], [-9]]}, "specials has 2 values; expected 1, one per column"),
    ],
)
def test_a_bad_parameter_is_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        fit([1, 2, 3, 4], [0, 1, 0, 1], **parameters)
