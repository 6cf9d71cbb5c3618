"""Reliability table and calibration error against examples calculated by hand."""

import numpy as np
import pytest

from ml.evaluation.metrics import expected_calibration_error, reliability_table


def test_calibration_error_is_the_weighted_gap_of_the_bins():
    y = np.array([1, 0, 1, 1])
    probability = np.array([0.95, 0.95, 0.05, 0.55])
    # bins .9-1: |1.9 - 1|, 0-.1: |.05 - 1|, .5-.6: |.55 - 1|; over 4 rows
    assert expected_calibration_error(y, probability) == pytest.approx((0.9 + 0.95 + 0.45) / 4)


def test_a_calibrated_answer_has_no_calibration_error():
    assert expected_calibration_error(np.array([1, 0, 1, 1]), np.full(4, 0.75)) == 0


def test_certainty_belongs_to_the_last_bin():
    assert expected_calibration_error(np.array([1, 0]), np.array([1.0, 0.95])) == pytest.approx(0.475)


def test_each_bin_with_rows_shows_predicted_beside_observed():
    low, high = reliability_table(np.array([1, 0, 1, 0]), np.array([0.7, 0.75, 1.0, 0.95]))
    assert low == {"low": 0.7, "high": 0.8, "rows": 2, "predicted": pytest.approx(0.725), "observed": 0.5}
    assert high == {"low": 0.9, "high": 1.0, "rows": 2, "predicted": pytest.approx(0.975), "observed": 0.5}


def test_the_calibration_error_is_that_of_the_bins_shown(trained):
    figures = trained.report["cross_validation"]["models"]["scorecard"]
    gaps = [abs(row["predicted"] - row["observed"]) * row["rows"] for row in figures["reliability"]]
    assert sum(gaps) / 614 == pytest.approx(figures["ece"]["mean"], abs=1e-12)
