"""The evaluation of a version as plots with their tables."""

import re

import pytest

from predictions.roles import Role
from predictions.tests.helpers.pages import table_rows, words
from predictions.web.models.evaluation import EvaluationView

NOT_MEASURED = "Not available: this version"


@pytest.fixture
def manager(client_of):
    return client_of(Role.MODEL_MANAGER)


@pytest.fixture
def shown(manager, active_version):
    """Show the evaluation after the report was changed."""

    def show(**changes):
        active_version.report |= changes
        active_version.save()
        return manager.get(f"/models/{active_version.pk}/evaluation/").content.decode()

    return show


def group(value, rows, share):
    rate = {"value": share, "low": share - 0.1, "high": share + 0.1}
    names = ("observed_approval_rate", "predicted_approval_rate", "true_positive_rate", "false_positive_rate")
    found = {"value": value, "rows": rows, "too_few": rows < 30, "accuracy": rate}
    return found | dict.fromkeys(names, rate)


def test_every_plot_has_a_table_with_the_same_points(shown, active_version):
    rows = table_rows(shown())
    reliability = active_version.report["cross_validation"]["models"]["scorecard"]["reliability"]
    for point in reliability:
        span = f"{100 * point['low']:.0f}% to {100 * point['high']:.0f}%"
        assert [span, str(point["rows"])] in [row[:2] for row in rows]
    for point in active_version.report["learning_curve"]:
        assert any(row[0] == str(point["rows"]) for row in rows)


def test_the_model_never_stands_without_both_baselines(shown):
    names = [row[0] for row in table_rows(shown())[1:4]]
    assert names == ["This version", "One rule: credit history", "Majority class"]


def test_a_point_of_the_reliability_curve_lies_where_it_belongs(active_version):
    own = active_version.report["cross_validation"]["models"]["scorecard"]
    own["reliability"] = [{"low": 0.5, "high": 0.6, "rows": 4, "predicted": 0.5, "observed": 1.0}]
    curve = EvaluationView(active_version).reliability
    point, frame = curve.points[0], curve.frame
    assert float(point.x) == (frame.left + frame.right) / 2
    assert (float(point.y), point.few) == (frame.top, True)


def test_the_learning_curve_holds_every_interval_and_the_rule(active_version):
    curve = EvaluationView(active_version).learning_curve
    heights = [float(place) for point in curve.points for place in (point.low, point.high)]
    assert all(curve.frame.top <= height <= curve.frame.bottom for height in [*heights, float(curve.rule.at)])


def test_groups_under_thirty_rows_show_no_figure(shown):
    found = {"groups": [group("Male", 40, 0.5), group(None, 29, 0.5)], "difference": None, "ratio": None}
    page = shown(groups={"Gender": found})
    assert ["Not given", "29", *["too few"] * 5] in table_rows(page)
    assert "too few: 29 rows" in page
    assert page.count('class="plot-ring"') == 1


def test_the_gap_between_groups_is_in_words(shown):
    found = {"groups": [group("Male", 40, 0.5), group("Female", 40, 0.4)], "difference": 0.1, "ratio": 0.8}
    assert "differ by at most 10.0 percentage points. The lowest rate is 0.80 times the highest" in words(
        shown(groups={"Gender": found})
    )


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.02, 0.01, "no measurable difference"),
        (-0.02, -0.01, "better with them"),
        (0.01, 0.02, "worse with them"),
    ],
)
def test_a_difference_in_log_loss_is_judged_by_its_interval(shown, low, high, verdict):
    gap, figure = {"mean": (low + high) / 2, "low": low, "high": high}, {"mean": 0.5, "low": 0.4, "high": 0.6}
    cost = {"columns": ["Gender"], "with": {"log_loss": figure}, "difference": {"log_loss": gap}}
    assert next(row for row in table_rows(shown(protected_cost=cost)) if row[0] == "Log loss")[-1] == verdict


@pytest.mark.parametrize("part", ["groups", "learning_curve", "protected_cost"])
def test_what_an_earlier_release_did_not_measure_is_said(shown, part):
    assert shown(**{part: None}).count(NOT_MEASURED) == 1


def test_a_report_of_the_first_release_still_has_a_page(shown, active_version):
    for name in ("groups", "learning_curve", "protected_cost"):
        del active_version.report[name]
    del active_version.report["cross_validation"]["models"]["scorecard"]["reliability"]
    assert shown().count(NOT_MEASURED) == 4


def test_a_version_that_reads_protected_columns_leaves_none_out(shown, active_version):
    active_version.protected_columns = ["Gender", "Married"]
    assert "This version uses the protected columns Gender and Married." in words(shown(protected_cost=None))


def test_places_are_numbers_in_a_language_with_decimal_commas(shown, settings):
    settings.LANGUAGE_CODE = "de"
    places = re.findall(r'\s(?:x|y|x1|x2|y1|y2|cx|cy|d|points)="(.*?)"', shown())
    assert not any(re.search(r"\d,\d+,|\d,\d+%", place) for place in places)
