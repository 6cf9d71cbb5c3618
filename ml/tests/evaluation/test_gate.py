"""The gate: a candidate and the active version on both training tables."""

import dataclasses

import numpy as np
import pytest

from ml.errors import ArtefactMissing
from ml.evaluation.gate import UnreadableTable, fold_difference, judge_candidate
from ml.evaluation.gate_checks import ColumnShift
from ml.products.loan_prediction.schema import built_in
from ml.tests.helpers.versions import table, version, with_rows

SCHEMA = built_in()
FOLDS = 50
CHOSEN = {"max_depth": 6, "min_impurity_split": 0.3}  # by the article's search on the sample
NOISE = np.random.default_rng(1).normal(scale=0.01, size=FOLDS)


def figures(log_loss, noise=0.0):
    return {"folds": {"log_loss": log_loss + noise * NOISE}}


def verdict(candidate, active, own=0.45, rule=0.481, majority=0.621, blocks=True):
    models = {"scorecard": figures(own, 1), "one_rule": figures(rule), "majority": figures(majority)}
    return judge_candidate(
        {"folds": 5, "models": models}, "scorecard", candidate, active, blocks=blocks, one_rule="a rule"
    )


def lost(why, approval_rate, target=SCHEMA.target):
    return UnreadableTable("version 1", why, approval_rate, target)


def outcomes(found, outcome="refused"):
    return {check.name for check in found.checks if check.outcome == outcome}


def details(found, name):
    return [check.detail for check in found.checks if check.name == name]


@pytest.fixture(scope="session")
def active(dataset):
    return version("version 1", dataset)


@pytest.fixture(scope="session")
def judged(dataset, active):
    """Judge a candidate that is trained on the sample with these changes."""

    def make(rows=None, y=None, **columns):
        return verdict(version("version 2", table(dataset, "other", rows, y, **columns)), active)

    return make


@pytest.fixture(scope="session")
def shuffled_rows(dataset):
    return np.random.default_rng(5).permutation(len(dataset.y))


@pytest.fixture(scope="session")
def without_women(judged, dataset):
    return judged(y=np.where(dataset.frame["Gender"] == "Female", 0, dataset.y))


def test_the_same_table_again_passes_every_check(active):
    found = verdict(active, active)
    assert {check.outcome for check in found.checks} == {"passed"}
    assert "log loss +0.0000 [+0.0000 +0.0000] against version 1" in details(found, "log loss")[0]


@pytest.mark.slow
def test_the_same_rows_in_another_order_pass(judged, shuffled_rows):
    assert not judged(rows=shuffled_rows).refused


@pytest.mark.slow
def test_a_tenth_of_the_rows_left_out_passes(judged, shuffled_rows):
    assert outcomes(judged(rows=shuffled_rows[61:])) == set()


@pytest.mark.slow
def test_a_tenth_of_rows_added_passes(dataset, active):
    assert outcomes(verdict(version("version 2", with_rows(dataset, "more", 61, 8)), active)) == set()


@pytest.mark.slow
def test_the_forest_of_the_article_passes_with_a_warning(dataset, active):
    chosen = {f"impuritysplitforest__{name}": value for name, value in CHOSEN.items()}
    found = verdict(version("version 2", dataset, "article", repeats=10, **chosen), active)
    assert (found.refused, "log loss" in outcomes(found, "warning")) == (False, True)


def test_a_table_in_which_every_woman_is_denied_is_refused(without_women):
    assert {"log loss", "approvals by group"} <= outcomes(without_women)
    assert "Gender Female 0.00 times as often" in str(details(without_women, "approvals by group"))


def test_spoiled_labels_look_good_on_the_table_that_has_them(without_women):
    on_active, on_own = details(without_women, "log loss")
    assert on_active.startswith("On version 1's table (614 rows): log loss +0.0")
    assert on_own.startswith("On its own table (614 rows): log loss -0.0")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_table_with_a_quarter_of_its_labels_turned_is_refused(judged, dataset, seed):
    turned = np.random.default_rng(seed).permutation(len(dataset.y)) < len(dataset.y) // 4
    assert "log loss" in outcomes(judged(y=np.where(turned, 1 - dataset.y, dataset.y)))


@pytest.mark.slow
def test_half_of_the_women_denied_are_found_in_the_labels(judged, dataset):
    women = np.flatnonzero(dataset.frame["Gender"] == "Female")
    y = dataset.y.copy()
    y[women[::2]] = 0
    assert outcomes(judged(y=y)) == {"approvals by group"}


def test_groups_too_small_to_compare_are_a_warning(judged):
    found = judged(Gender=np.nan, Married=np.nan)
    assert "approvals by group" in outcomes(found, "warning")
    assert "groups are not compared" in str(details(found, "approvals by group"))


def test_amounts_that_are_off_by_a_factor_are_refused(judged, dataset):
    found = judged(LoanAmount=dataset.frame["LoanAmount"] * 10)
    assert "medians" in outcomes(found)
    assert "LoanAmount from 126.5 to 1,265" in details(found, "medians")[0]


@pytest.mark.slow
def test_co_incomes_of_zero_are_a_median_that_moved(judged):
    assert "CoapplicantIncome from" in details(judged(CoapplicantIncome=0.0), "medians")[0]


@pytest.mark.parametrize("shift", [(5.0, np.nan), (np.nan, 5.0), (0.0, 5.0), (5.0, 0.0)])
def test_a_statistic_that_comes_or_goes_moved_by_any_factor(shift):
    assert ColumnShift("LoanAmount", *shift).factor == np.inf


@pytest.mark.slow
def test_a_hundred_rows_are_too_few(judged, shuffled_rows):
    found = judged(rows=shuffled_rows[:100])
    assert "size of the table" in outcomes(found)
    assert "100 different rows" in details(found, "size of the table")[0]


@pytest.mark.slow
def test_rows_that_come_again_count_once(judged, shuffled_rows):
    assert "size of the table" in outcomes(judged(rows=np.tile(shuffled_rows[:100], 7)))


@pytest.mark.slow
def test_too_few_denials_are_refused(judged, dataset):
    denied = np.flatnonzero(dataset.y == 0)
    rows = np.concatenate([np.flatnonzero(dataset.y == 1), denied[:59]])
    assert {"size of the table", "approval rate"} <= outcomes(judged(rows=rows))


def test_a_column_that_lost_a_fifth_of_its_values_is_refused(judged, dataset):
    gone = np.arange(len(dataset.y)) % 4 == 0
    found = judged(Dependents=dataset.frame["Dependents"].where(~gone, np.nan))
    assert "missing values" in outcomes(found)
    assert "Dependents from" in details(found, "missing values")[0]


def test_no_row_of_its_own_table_is_put_to_the_artefact(active, dataset):
    asked = []
    spy = dataclasses.replace(active, score=lambda columns: asked.append(columns) or [0.5])
    one_more = table(dataset, "x", [0, 1, 2], ApplicantIncome=dataset.frame["ApplicantIncome"].replace(
        {dataset.frame["ApplicantIncome"][0]: 1_234_567.0}
    ))  # fmt: skip
    found = spy.probabilities(one_more)
    assert asked[0]["ApplicantIncome"] == [1_234_567.0]
    assert np.array_equal(found[:, 1:], active.out_of_fold[:, 1:3])


def test_without_an_active_version_nothing_is_refused_but_said(active):
    found = verdict(active, None, own=0.62, rule=0.5, blocks=False)
    assert not found.refused
    assert outcomes(found, "warning") == {"learned something", "one rule"}


def test_beside_a_version_of_sample_data_every_refusal_is_a_warning(dataset, active):
    bad = version(
        "version 2", table(dataset, "bad", np.arange(100), LoanAmount=dataset.frame["LoanAmount"] * 9)
    )
    found = verdict(bad, active, blocks=False)
    assert not found.refused
    assert {"size of the table", "medians"} <= outcomes(found, "warning")


def test_a_lost_table_of_the_active_version_is_a_warning_that_says_so(active):
    found = verdict(active, lost("table.csv: No such file or directory.", 0.69))
    assert not found.refused
    assert outcomes(found, "warning") == {"active version's table"}
    assert "cannot be read: table.csv: No such file" in details(found, "active version's table")[0]


def test_the_approval_rate_is_compared_even_with_a_lost_table(active):
    assert outcomes(verdict(active, lost("gone.", 0.55))) == {"approval rate"}


def test_an_active_artefact_that_is_broken_is_not_asked_where_it_need_not_be(dataset, active, shuffled_rows):
    def broken(columns):
        raise ArtefactMissing("gone")

    candidate = version("version 2", with_rows(dataset, "more", 20, 8))
    found = verdict(candidate, dataclasses.replace(active, score=broken))
    assert (len(details(found, "log loss")), found.refused) == (2, False)
    assert "version 1 cannot be asked: gone" in details(found, "log loss")[1]


def test_far_above_the_one_rule_is_refused(active):
    assert outcomes(verdict(active, active, own=0.51)) == {"one rule"}


def test_a_little_above_the_one_rule_is_a_warning(active):
    assert outcomes(verdict(active, active, own=0.484), "warning") == {"one rule"}


def test_no_better_than_the_majority_class_is_refused(active):
    assert outcomes(verdict(active, active, own=0.62, rule=0.7)) == {"learned something"}


def test_the_interval_of_a_difference_is_corrected_for_shared_rows():
    gap = fold_difference(NOISE, np.zeros(FOLDS), folds=5)
    plain = 2.0096 * NOISE.std(ddof=1) / np.sqrt(FOLDS)
    assert (gap["high"] - gap["mean"]) / plain == pytest.approx(np.sqrt(1 + FOLDS / 4), rel=1e-3)
