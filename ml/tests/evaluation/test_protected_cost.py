"""What leaving the protected columns out costs, measured beside the scorecard and never in it."""

import numpy as np
import pytest

from ml.applications.schema import BY_COLUMN
from ml.evaluation.cross_validation import repeated_folds
from ml.evaluation.metrics import METRICS, cross_predict, cross_validate, fold_values, no_progress
from ml.products.loan_prediction.preprocessing import ModelColumns
from ml.training.recipes import RECIPES, get
from ml.training.studies import protected_cost, with_protected


@pytest.fixture(scope="module")
def seeing(dataset):
    return with_protected(get("scorecard").estimator()).fit(dataset.frame, dataset.y)


def test_the_report_says_with_which_columns_and_how_much_every_metric_changes(trained):
    cost = trained.report["protected_cost"]
    own = trained.report["cross_validation"]["models"]["scorecard"]
    assert cost["columns"] == ["Gender", "Married"]
    for name in METRICS:
        difference, seen = cost["difference"][name], cost["with"][name]
        assert difference["mean"] == pytest.approx(seen["mean"] - own[name]["mean"], abs=1e-12)
        assert difference["low"] <= difference["mean"] <= difference["high"]


def test_differences_are_taken_fold_by_fold_and_so_narrower_than_the_figures(trained):
    cost = trained.report["protected_cost"]
    seen, change = cost["with"]["log_loss"], cost["difference"]["log_loss"]
    assert change["high"] - change["low"] < (seen["high"] - seen["low"]) / 2


def test_the_figures_are_those_of_the_same_parameters_with_both_columns(dataset):
    own = get("scorecard").estimator().set_params(logistic__C=0.3)
    folds = repeated_folds(dataset.frame, dataset.y, repeats=1, folds=5, seed=1)
    without = fold_values(cross_predict({"own": own}, folds, no_progress)["own"])
    figures = cross_validate({"seeing": with_protected(own)}, dataset.frame, dataset.y, repeats=1)["seeing"]
    assert protected_cost(own, folds, without)["with"] == {name: figures[name] for name in METRICS}


@pytest.mark.parametrize(("place", "column"), [(-2, "Gender"), (-1, "Married")])
def test_both_columns_are_nominal_with_a_bin_for_missing(seeing, dataset, place, column):
    values = dataset.frame[column]
    rows = [(values == value).sum() for value in BY_COLUMN[column].values]
    assert seeing["woe"].directions[place] == 0
    assert seeing["woe"].counts_[place].sum(axis=1).tolist() == [*rows, values.isna().sum()]


def test_what_it_adds_depends_on_gender_while_the_scorecard_does_not(trained, dataset):
    frame = dataset.frame
    swapped = frame.assign(Gender=frame["Gender"].map({"Male": "Female", "Female": "Male"}))
    coded = with_protected(get("scorecard").estimator())["columns"].fit(frame)
    assert not np.array_equal(coded.transform(frame), coded.transform(swapped), equal_nan=True)
    assert (trained.pipeline.predict_proba(frame) == trained.pipeline.predict_proba(swapped)).all()


def test_neither_the_recipes_nor_the_scorecard_know_of_it(trained):
    assert set(RECIPES) == {"scorecard", "article"}
    assert isinstance(trained.pipeline["columns"], ModelColumns)
    assert get("scorecard").protected == ()


def test_the_article_s_model_sees_them_anyway_and_has_no_such_figure(trained_forest):
    assert trained_forest.report["protected_cost"] is None
