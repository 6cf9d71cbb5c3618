"""Scaling of log-odds to points."""

import math

import pytest
from hypothesis import given

from ml.scorecard.scaling import Scaling
from ml.tests.helpers.strategies import applications
from ml.tests.helpers.tables import columns


def test_the_base_score_stands_at_the_base_odds():
    assert Scaling(600, 50, 20).score(math.log(50)) == pytest.approx(600)


def test_twenty_points_more_double_the_odds():
    assert Scaling(600, 50, 20).score(math.log(100)) == pytest.approx(620)
    assert Scaling(600, 50, 20).points(math.log(2)) == pytest.approx(20)


def test_factor_and_offset_are_those_of_the_textbook():
    # Siddiqi: factor = 20 / ln 2 = 28.8539, offset = 600 - factor * ln 50 = 487.123
    assert (Scaling().factor, Scaling().offset) == (pytest.approx(28.8539), pytest.approx(487.1229))


@given(applications())
def test_base_and_points_of_the_bins_make_the_score(scorecard, row):
    scaling, applicant = Scaling(), columns(row)
    points = [scaling.points(value) for value in scorecard.contributions(applicant)[0]]
    log_odds = scorecard.score(applicant).log_odds[0]
    assert scaling.score(scorecard.base) + sum(points) == pytest.approx(scaling.score(log_odds), abs=1e-9)


def test_a_score_goes_back_to_its_probability():
    assert Scaling().probability(600) == pytest.approx(50 / 51)
    assert Scaling().probability(Scaling().score(0)) == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["base_odds", "points_to_double"])
@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
def test_a_scale_that_is_none_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is .*; expected a finite number above 0"):
        Scaling(**{name: value})
