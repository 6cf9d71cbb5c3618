"""Bounds of the probability, if missing values became known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.products.loan_prediction.schema import built_in
from ml.tests.helpers.forests import forest_predictor
from ml.tests.helpers.strategies import applications, good_values
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()

OPEN = ("Credit_History", "LoanAmount", "Loan_Amount_Term")
ROUNDING = 1e-12


def gaps_of(model, **changes):
    return model.score(columns(application(**changes))).gaps(0)


def test_a_complete_application_has_none(scorecard):
    assert gaps_of(scorecard) is None


def test_a_missing_credit_history_spans_what_the_two_known_ones_give(scorecard):
    known = [
        scorecard.score(columns(application(Credit_History=value))).probability[0] for value in (0.0, 1.0)
    ]
    gaps = gaps_of(scorecard, Credit_History=None)
    assert gaps["alone"] == {"Credit_History": pytest.approx(known)}
    assert gaps["together"] == gaps["alone"]["Credit_History"]


def test_a_missing_amount_opens_both_of_its_ratios(scorecard):
    tiny, huge = (scorecard.score(columns(application(LoanAmount=x))).probability[0] for x in (0.001, 1e6))
    assert gaps_of(scorecard, LoanAmount=None)["alone"]["LoanAmount"] == pytest.approx([huge, tiny])


def test_without_any_income_a_missing_amount_changes_nothing(scorecard):
    assert gaps_of(scorecard, LoanAmount=None, ApplicantIncome=0, CoapplicantIncome=0) is None


known = {name: good_values(SCHEMA.by_column[name], optional=False) for name in OPEN}


@given(row=applications(), values=st.fixed_dictionaries(known))
def test_no_values_in_the_gaps_lead_out_of_the_span(scorecard, row, values):
    scores = scorecard.score(columns(row))
    gaps = scores.gaps(0)
    low, high = gaps["together"] if gaps else scores.probability * 2
    filled = row | {name: value for name, value in values.items() if row[name] is None}
    assert low - ROUNDING <= scorecard.score(columns(filled)).probability[0] <= high + ROUNDING


def test_a_forest_is_tried_with_values_of_each_gap_but_never_of_a_protected_one(trained_forest):
    forest = forest_predictor(trained_forest)
    gaps = gaps_of(forest, Credit_History=None, Gender=None)
    tried = forest.score(columns(application(Credit_History=0.0, Gender=None))).probability
    assert list(gaps["alone"]) == ["Credit_History"]
    assert tried[0] in gaps["alone"]["Credit_History"]
