"""Training: contents of the report, and the rows of each recipe."""

import json

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from ml.evaluation.metrics import METRICS
from ml.reports import report
from ml.tests.helpers.tables import TRAINED_AT
from ml.training.recipes import get


@pytest.mark.parametrize("name", ["scorecard", "one_rule", "majority"])
def test_the_report_has_every_fold_from_which_a_figure_follows(trained, name):
    figures = trained.report["cross_validation"]["models"][name]
    assert set(figures["folds"]) == set(METRICS)
    for metric, values in figures["folds"].items():
        assert len(values) == 50
        assert np.mean(values) == pytest.approx(figures[metric]["mean"])


@pytest.mark.parametrize("name", ["scorecard", "one_rule", "majority"])
def test_the_report_has_figures_with_intervals_of_model_and_baselines(trained, name):
    figures = trained.report["cross_validation"]["models"][name]
    assert all(set(figures[metric]) == {"mean", "low", "high"} for metric in METRICS)


def test_the_report_is_plain_json(trained, trained_forest):
    for model in (trained, trained_forest):
        assert json.loads(json.dumps(model.report)) == model.report


def test_the_report_names_what_the_search_chose(trained):
    search = trained.report["search"]
    assert (search["candidates"], search["folds"]) == (12, 5)
    assert all(search["best_parameters"][name] in values for name, values in get("scorecard").grid.items())


def test_the_scorecard_trains_on_all_rows(trained):
    assert (trained.report["training_rows"], trained.report["hold_out"]) == (614, None)


def test_the_compiled_table_is_measured_against_its_pipeline(trained):
    assert trained.report["largest_difference"] <= 1e-9


def test_the_article_s_model_trains_on_the_article_s_rows(trained_forest, dataset):
    rows, _ = train_test_split(np.arange(614), test_size=0.25, random_state=42)
    fitted = trained_forest.pipeline["preprocessing"]
    assert trained_forest.report["training_rows"] == 460
    assert fitted.amt_mean_ == dataset.frame["LoanAmount"].iloc[rows].mean()


def test_the_article_s_hold_out_is_shown_beside_the_baselines(trained_forest):
    hold_out = trained_forest.report["hold_out"]
    assert (hold_out["rows"], hold_out["seed"]) == (154, 42)
    assert set(hold_out["accuracy"]) == {"article", "one_rule", "majority"}


def test_a_forest_has_no_points_table(trained_forest):
    assert trained_forest.scorecard is None


def test_the_time_of_training_is_the_clock_s(trained):
    assert trained.trained_at == TRAINED_AT


def test_the_printed_report_shows_no_figure_without_baseline_and_interval(trained):
    lines = report.report_lines(trained.report)
    assert lines[1].startswith("10 x 5-fold cross-validation of 614 rows; mean [95% interval]")
    assert [line.split("  ")[0] for line in lines[3:6]] == [
        "scorecard",
        "one rule: credit history",
        "majority class",
    ]
    assert all(line.count("[") == 4 for line in lines[3:6])


def test_the_printed_report_shows_the_hold_out_where_there_is_one(trained, trained_forest):
    assert "Accuracy on the hold-out set of the article, 154 rows: article " in "\n".join(
        report.report_lines(trained_forest.report)
    )
    assert "hold-out" not in "\n".join(report.report_lines(trained.report))


def test_the_report_names_what_it_did_not_use_of_the_table(trained):
    lines = report.report_lines(
        trained.report
        | {"further": ["branch", "note"], "left_out": 3, "left_out_why": {"LoanAmount refused": 2}}
    )
    assert "Columns that were not used: branch, note." in lines
    assert "Rows left out by their outcome: 3." in lines
    assert "Of these with a reason: 2 LoanAmount refused." in lines


def test_the_printed_report_shows_what_leaving_protected_columns_out_costs(trained, trained_forest):
    lines, change = (
        report.report_lines(trained.report),
        trained.report["protected_cost"]["difference"]["accuracy"],
    )
    row = lines.index("With Gender and Married as inputs, the metrics would change by") + 1
    assert lines[row].split() == [
        "accuracy", f"{change['mean']:+.4f}", f"[{change['low']:+.4f}", f"{change['high']:+.4f}]",
    ]  # fmt: skip
    assert not any(line.startswith("With Gender") for line in report.report_lines(trained_forest.report))


def test_the_printed_report_shows_groups_with_intervals_unless_they_are_too_few(trained):
    lines = [line for line in report.report_lines(trained.report) if line.startswith(("Gender", "Married"))]
    assert [line.split("  ")[0] for line in lines] == [
        "Gender: Female", "Gender: Male", "Gender: not given",
        "Married: No", "Married: Yes", "Married: not given",
    ]  # fmt: skip
    assert [line.endswith("too few") for line in lines] == [False, False, True] * 2
    assert all(" rows " in line and line.endswith(("]", "too few")) for line in lines)


def test_a_report_of_an_earlier_release_is_printed_without_what_it_lacks(trained):
    new = {"groups", "learning_curve", "protected_cost"}
    earlier = {name: value for name, value in trained.report.items() if name not in new}
    assert (
        report.report_lines(earlier)
        == report.report_lines(trained.report)[: len(report.report_lines(earlier))]
    )
