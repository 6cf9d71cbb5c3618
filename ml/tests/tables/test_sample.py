"""The synthetic sample has the shape of the real table, and says what it is."""

import pytest

from ml.products.loan_prediction.sample import make_sample
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID

SCHEMA = built_in()

GAPS = {
    "Credit_History": 50, "Self_Employed": 32, "LoanAmount": 22, "Dependents": 15,
    "Loan_Amount_Term": 14, "Gender": 13, "Married": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def many():
    return make_sample(rows=20_000, seed=1)


def approved_share(rows):
    return sum(row[SCHEMA.target.column] == "Y" for row in rows) / len(rows)


@pytest.mark.parametrize(("history", "share"), [(1.0, 0.796), (0.0, 0.079), (None, 0.740)])
def test_approval_by_credit_history_is_the_published_one(many, history, share):
    rows = [row for row in many if row["Credit_History"] == history]
    assert approved_share(rows) == pytest.approx(share, abs=0.03)


def test_the_share_of_approved_rows_is_the_published_one(many):
    assert approved_share(many) == pytest.approx(0.687, abs=0.01)


@pytest.mark.parametrize("column", GAPS)
def test_gaps_are_as_frequent_as_published(many, column):
    gaps = sum(row[column] is None for row in many) * 614 / len(many)
    assert gaps == pytest.approx(GAPS[column], abs=2)


def test_no_other_column_has_gaps(many):
    assert {name for row in many for name, value in row.items() if value is None} == set(GAPS)


def test_the_shipped_draw_lies_near_what_is_expected(dataset):
    assert dataset.frame.shape == (614, 11)
    assert dataset.y.mean() == pytest.approx(0.687, abs=0.02)
    assert dataset.frame["ApplicantIncome"].median() == pytest.approx(3812, rel=0.1)
    assert dataset.frame["LoanAmount"].median() == pytest.approx(128, rel=0.1)


def test_the_scorecard_finds_income_and_weight_of_the_loan(trained):
    figures = trained.report["cross_validation"]["models"]
    assert 0.74 <= figures["scorecard"]["roc_auc"]["mean"] <= 0.79
    assert figures["scorecard"]["roc_auc"]["mean"] > figures["one_rule"]["roc_auc"]["mean"] + 0.03


def test_every_row_says_that_it_is_a_sample(many, dataset):
    assert all(row[LOAN_ID].startswith("SAMPLE-") for row in many)
    assert dataset.synthetic


def test_the_same_seed_draws_the_same_rows():
    assert make_sample(50) == make_sample(50)
    assert make_sample(50) != make_sample(50, seed=1)
