"""The interval of one case's probability."""

import numpy as np
import pytest

from ml.scorecard.uncertainty import deviations_text, probability_interval


def samples(base, *bins):
    return {"base": deviations_text(base), "columns": {"Total_Income": [*map(deviations_text, bins)]}}


def test_an_interval_is_1_96_standard_errors_to_either_side():
    base, points = np.random.default_rng(1).normal(size=(2, 50)) / 3
    low, high = probability_interval(samples(base, points), 0.7, {"Total_Income": 0})
    half = 1.96 * (base + points).std(ddof=1)
    expected = [1 / (1 + np.exp(-(0.7 + side * half))) for side in (-1, 1)]
    assert [low, high] == pytest.approx(expected, abs=0.002)


def test_each_bin_has_its_own_uncertainty():
    table = samples([0.0, 0.0], [0.1, -0.1], [0.5, -0.5])
    sure, unsure = (probability_interval(table, 0.0, {"Total_Income": place}) for place in (0, 1))
    assert unsure[0] < sure[0] < 0.5 < sure[1] < unsure[1]


def test_without_deviations_the_probability_is_certain():
    assert probability_interval(samples([0.0, 0.0]), 0.0, {}) == (0.5, 0.5)
