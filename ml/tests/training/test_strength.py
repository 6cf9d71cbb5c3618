"""The strength of a scorecard, and the uncertainty of its points."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from ml.products.loan_prediction.schema import built_in
from ml.scorecard.uncertainty import probability_interval
from ml.tables.frames import columns_from_frame
from ml.training.strength import gini_and_ks, information_value, measure_strength

SCHEMA = built_in()


@pytest.fixture(scope="module")
def strength(trained):
    return trained.report["strength"]


def test_gini_and_distance_are_those_of_the_roc_curve_with_ties_and_weights():
    rng = np.random.default_rng(1)
    y, scores, weights = rng.integers(0, 2, 300), rng.integers(0, 9, 300) / 9, rng.exponential(size=300)
    false_positive, true_positive, _ = roc_curve(y, scores, sample_weight=weights, drop_intermediate=False)
    gini, distance = gini_and_ks(y, scores, weights)
    assert gini == pytest.approx(2 * roc_auc_score(y, scores, sample_weight=weights) - 1, abs=1e-12)
    assert distance == pytest.approx(np.abs(true_positive - false_positive).max(), abs=1e-12)


def test_the_information_value_is_that_of_the_textbook():
    counts = np.array([[20.0, 80.0], [80.0, 120.0]])
    weights = np.log((counts[:, 1] / 200) / (counts[:, 0] / 100))
    assert information_value(counts, weights) == pytest.approx(0.2 * np.log(2) - 0.2 * np.log(0.75))


def test_a_report_holds_plain_json_of_less_than_100_kilobytes(strength):
    assert len(json.dumps(strength, indent=1)) < 100_000


def test_every_column_has_an_information_value(strength):
    assert list(strength["columns"]) == [column.column for column in SCHEMA.model_columns]
    assert all(column["iv"] >= 0 for column in strength["columns"].values())


def test_intervals_hold_what_they_are_about(strength, scorecard):
    for name in ("gini", "ks"):
        assert 0 < strength[name]["low"] < strength[name]["mean"] < strength[name]["high"] < 1
    for column in scorecard.columns:
        for points, (low, high) in zip(column.points, strength["points"][column.column], strict=True):
            assert low <= points <= high


def test_bins_with_fewer_rows_are_less_certain(strength, scorecard):
    denied, approved, _ = scorecard.columns[0].bins
    narrow, wide = (np.ptp(strength["points"]["Credit_History"][place]) for place in (1, 0))
    assert denied.rows < approved.rows
    assert narrow < wide


def test_the_interval_of_a_case_holds_its_probability(strength, scorecard, row):
    (log_odds,) = scorecard.score({name: [value] for name, value in row.items()}).log_odds
    low, high = probability_interval(strength["points_samples"], log_odds, scorecard.bins_of(row))
    assert 0 < low < 1 / (1 + np.exp(-log_odds)) < high < 1


def test_the_same_rows_give_the_same_report(trained, dataset, strength):
    again = measure_strength(
        trained.scorecard, trained.pipeline, columns_from_frame(SCHEMA, dataset.frame), dataset.y,
        trained.out_of_fold.mean(axis=0),
    )  # fmt: skip
    assert again == strength
