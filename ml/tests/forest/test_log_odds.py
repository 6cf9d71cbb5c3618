"""Log-odds of a probability that may be exactly 0 or 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.forest.log_odds import log_odds, slope

probabilities = st.floats(0, 1).map(np.float64)


def test_even_odds_are_nothing_and_three_to_one_is_its_logarithm():
    np.testing.assert_allclose(log_odds(np.array([0.5, 0.75])), [0, np.log(3)])


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certainty_has_finite_log_odds(probability):
    assert 27 < abs(log_odds(np.array(probability))) < 28


@given(st.floats(0.05, 0.95).map(np.float64), probabilities)
def test_the_slope_leads_from_the_start_to_the_log_odds(start, probability):
    reached = log_odds(start) + slope(start, probability) * (probability - start)
    assert reached == pytest.approx(log_odds(probability), abs=1e-9)


@given(st.floats(0.05, 0.95).map(np.float64), probabilities)
def test_the_slope_is_never_negative(start, probability):
    assert slope(start, probability) > 0


def test_where_nothing_is_gained_the_slope_is_its_limit():
    assert slope(np.float64(0.5), np.float64(0.5)) == 4
    assert slope(np.float64(0.5), np.float64(0.5 + 1e-7)) == pytest.approx(4, rel=1e-6)
