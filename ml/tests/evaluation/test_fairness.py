"""Rates by group against fairlearn and against counts made by hand."""

import numpy as np
import pytest
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_difference,
    demographic_parity_ratio,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score

from ml.evaluation.cross_validation import repeated_folds
from ml.evaluation.fairness import group_rates
from ml.evaluation.metrics import cross_predict, no_progress
from ml.figures import MIN_ROWS_FOR_RATE
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import frame_from_columns
from ml.tests.helpers.tables import application, columns
from ml.training.recipes import get

SCHEMA = built_in()

RATES = {
    "predicted_approval_rate": selection_rate,
    "true_positive_rate": true_positive_rate,
    "false_positive_rate": false_positive_rate,
    "accuracy": accuracy_score,
    "observed_approval_rate": lambda y, _: y.mean(),
}


def by_gender(genders, y, probability):
    frame = frame_from_columns(SCHEMA, columns(*(application(Gender=gender) for gender in genders)))
    return group_rates(SCHEMA, frame, np.array(y), np.array(probability))["Gender"]


def check_against_fairlearn(frame, y, probability):
    ours, approved = group_rates(SCHEMA, frame, y, probability), (probability >= 0.5).astype(int)
    for column in SCHEMA.group_columns:
        names = frame[column].fillna("missing").astype(str)
        theirs = MetricFrame(metrics=RATES, y_true=y, y_pred=approved, sensitive_features=names).by_group
        assert {group["value"] or "missing" for group in ours[column]["groups"]} == set(theirs.index)
        for group in ours[column]["groups"]:
            for rate in RATES:
                if group[rate]["value"] is not None:
                    expected = theirs.loc[group["value"] or "missing", rate]
                    assert group[rate]["value"] == pytest.approx(expected, abs=1e-12)
        check_parity(ours[column], y, approved, names)


def check_parity(ours, y, approved, names):
    enough = names.map(names.value_counts()).to_numpy() >= MIN_ROWS_FOR_RATE
    if names[enough].nunique() < 2:
        assert (ours["difference"], ours["ratio"]) == (None, None)
        return
    table = {"y_true": y[enough], "y_pred": approved[enough], "sensitive_features": names[enough]}
    assert ours["difference"] == pytest.approx(demographic_parity_difference(**table), abs=1e-12)
    assert ours["ratio"] == pytest.approx(demographic_parity_ratio(**table), abs=1e-12)


@pytest.mark.slow
@settings(max_examples=8)
@given(st.integers(0, 2**32 - 1), st.integers(40, 300), st.floats(0.05, 0.9))
def test_random_tables_have_fairlearn_s_rates(seed, rows, missing):
    rng = np.random.default_rng(seed)
    frame = frame_from_columns(SCHEMA, columns(application())).loc[[0] * rows].reset_index(drop=True)
    for column in SCHEMA.group_columns:
        drawn = rng.choice(np.array(SCHEMA.by_column[column].values, dtype=object), rows)
        frame[column] = np.where(rng.random(rows) < missing, None, drawn)
    check_against_fairlearn(frame, rng.integers(0, 2, rows), rng.random(rows))


@pytest.mark.slow
def test_the_sample_has_fairlearn_s_rates_and_the_report_shows_them(trained, dataset):
    folds = repeated_folds(dataset.frame, dataset.y, repeats=10, folds=5, seed=1)
    parameters = trained.report["search"]["best_parameters"]
    estimator = get("scorecard").estimator().set_params(**parameters)
    probability = cross_predict({"scorecard": estimator}, folds, no_progress)["scorecard"].mean()
    assert trained.report["groups"] == group_rates(SCHEMA, dataset.frame, dataset.y, probability)
    check_against_fairlearn(dataset.frame, dataset.y, probability)


def test_rates_are_counted_with_the_interval_of_their_own_rows():
    male = by_gender(["Male"] * 4, [1, 1, 1, 0], [0.9, 0.5, 0.1, 0.8])["groups"][0]
    assert (male["value"], male["rows"], male["observed_approval_rate"]["value"]) == ("Male", 4, 0.75)
    assert male["true_positive_rate"]["value"] == 2 / 3
    # Wilson, 2 of 3 with z = 1.959964
    assert male["true_positive_rate"]["low"] == pytest.approx(0.207660, abs=1e-6)
    assert male["true_positive_rate"]["high"] == pytest.approx(0.938508, abs=1e-6)


def test_a_rate_without_rows_is_not_known():
    male = by_gender(["Male"], [1], [0.9])["groups"][0]
    assert male["false_positive_rate"] == {"value": None, "low": None, "high": None}


def test_missing_is_a_group_of_its_own_behind_the_values():
    found = by_gender([None, "Male", "Female"], [1, 0, 1], [0.9, 0.9, 0.1])["groups"]
    assert [group["value"] for group in found] == ["Female", "Male", None]


def test_groups_under_thirty_rows_are_not_compared():
    found = by_gender(["Male"] * 30 + ["Female"] * 29, [1] * 59, [0.9] * 59)
    assert [group["too_few"] for group in found["groups"]] == [True, False]
    assert (found["difference"], found["ratio"]) == (None, None)


def test_groups_are_compared_by_their_predicted_approval_rates():
    found = by_gender(["Male"] * 30 + ["Female"] * 30, [1] * 60, [0.9] * 30 + [0.9] * 15 + [0.1] * 15)
    assert (found["difference"], found["ratio"]) == (0.5, 0.5)


def test_no_ratio_is_known_where_nobody_is_approved():
    found = by_gender(["Male"] * 30 + ["Female"] * 30, [1] * 60, [0.1] * 60)
    assert (found["difference"], found["ratio"]) == (0, None)
