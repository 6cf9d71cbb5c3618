"""Metrics and cross-validation against examples calculated by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from ml.evaluation.baselines import baselines
from ml.evaluation.cross_validation import repeated_folds
from ml.evaluation.metrics import (
    METRICS,
    corrected_resampled_interval,
    cross_predict,
    cross_validate,
    fold_values,
    no_progress,
)
from ml.products.loan_prediction.schema import built_in

SCHEMA = built_in()


def test_the_interval_widens_by_the_share_of_test_rows():
    # variance 1, times 1/3 + 0.2/0.8; quantile .975 of t with 2 degrees of freedom: 4.302653
    low, high = corrected_resampled_interval(np.array([1.0, 2.0, 3.0]), 0.2)
    assert (low, high) == pytest.approx((2 - 3.286205, 2 + 3.286205), abs=1e-6)


def test_equal_folds_leave_no_interval():
    assert corrected_resampled_interval(np.full(5, 0.8), 0.2) == pytest.approx((0.8, 0.8))


def test_each_metric_by_example():
    y, probability = np.array([1, 0, 1, 0]), np.array([0.8, 0.6, 0.5, 0.1])
    assert METRICS["accuracy"](y, probability) == 0.75  # a tie at 0.5 is an approval
    assert METRICS["roc_auc"](y, probability) == 0.75
    assert METRICS["log_loss"](y, probability) == pytest.approx(-np.log([0.8, 0.4, 0.5, 0.9]).mean())
    assert METRICS["brier"](y, probability) == pytest.approx((0.04 + 0.36 + 0.25 + 0.01) / 4)


@pytest.mark.slow
@pytest.mark.parametrize("digits", [1, 2, 17], ids=["many ties", "ties", "none"])
def test_metrics_are_those_of_scikit_learn_to_the_last_bit(digits):
    random = np.random.default_rng(0)
    for rows in range(3, 60):
        y, probability = random.integers(0, 2, rows), random.random(rows).round(digits)
        y[:2] = 0, 1
        assert {name: measure(y, probability) for name, measure in METRICS.items()} == {
            "accuracy": accuracy_score(y, probability >= 0.5),
            "roc_auc": roc_auc_score(y, probability),
            "log_loss": sklearn_log_loss(y, probability, labels=[0, 1]),
            "brier": brier_score_loss(y, probability),
        }


def test_one_class_alone_has_no_roc_auc():
    assert np.isnan(METRICS["roc_auc"](np.ones(3, dtype=int), np.array([0.1, 0.2, 0.3])))


def test_every_estimator_is_measured_with_an_interval(dataset):
    results = cross_validate(baselines(SCHEMA), dataset.frame, dataset.y, repeats=2)
    assert set(results) == {"one_rule", "majority"}
    for figures in results.values():
        assert set(figures) == {*METRICS, "ece"}
        assert all(figures[name]["low"] <= figures[name]["mean"] <= figures[name]["high"] for name in METRICS)


def test_the_same_seed_gives_the_same_figures(dataset):
    first, second = (cross_validate(baselines(SCHEMA), dataset.frame, dataset.y, repeats=1) for _ in range(2))
    assert first == second


def test_the_one_rule_is_right_as_often_as_counted_by_hand(dataset):
    bad = dataset.frame["Credit_History"] == 0
    rule = baselines(SCHEMA)["one_rule"].fit(dataset.frame, dataset.y)
    approved = rule.predict_proba(dataset.frame)[:, 1] >= 0.5
    assert (approved == ~bad).all()
    assert rule.rates_ == pytest.approx([dataset.y[~bad].mean(), dataset.y[bad].mean()])


def test_progress_counts_to_the_end(dataset):
    steps = []
    cross_validate(
        baselines(SCHEMA), dataset.frame, dataset.y, repeats=1, progress=lambda *step: steps.append(step)
    )
    assert [done for phase, done, total in steps if phase == "cross-validating one_rule"] == [1, 2, 3, 4, 5]
    assert {total for _, _, total in steps} == {5}


def test_every_fold_is_measured_on_its_own_test_rows(dataset):
    folds = repeated_folds(dataset.frame, dataset.y, repeats=2, folds=5, seed=1)
    predicted = cross_predict(baselines(SCHEMA), folds, no_progress)["one_rule"]
    assert [len(values) for values in fold_values(predicted).values()] == [10] * 4
    train, test = folds.splits[3]
    rule = baselines(SCHEMA)["one_rule"].fit(dataset.frame.iloc[train], dataset.y[train])
    probability = rule.predict_proba(dataset.frame.iloc[test])[:, 1]
    assert fold_values(predicted)["brier"][3] == METRICS["brier"](dataset.y[test], probability)


def test_a_row_s_probability_is_averaged_over_the_repeats(dataset):
    folds = repeated_folds(dataset.frame, dataset.y, repeats=2, folds=5, seed=1)
    predicted = cross_predict(baselines(SCHEMA), folds, no_progress)["majority"]
    of_row = [
        probability[test == 7]
        for (_, test), probability in zip(folds.splits, predicted.probabilities, strict=True)
    ]
    assert predicted.mean()[7] == pytest.approx(np.concatenate(of_row).mean())


def test_equal_rows_are_never_divided_between_fitting_and_testing(dataset):
    twice = pd.concat([dataset.frame, dataset.frame], ignore_index=True)
    folds = repeated_folds(twice, np.tile(dataset.y, 2), repeats=2, folds=5, seed=1)
    rows = len(dataset.y)
    assert all(not set(train % rows) & set(test % rows) for train, test in folds.splits)
