"""Promises of the scorecard to an applicant, tested on any valid application."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ml.products.loan_prediction.schema import built_in
from ml.tests.helpers.strategies import applications, good_values
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()

INCOMES = st.sampled_from(["ApplicantIncome", "CoapplicantIncome"])
RATIOS = ["Loan_To_Income", "Instalment_To_Income"]
amounts = good_values(SCHEMA.by_column["LoanAmount"], optional=False)
terms = good_values(SCHEMA.by_column["Loan_Amount_Term"], optional=False)


def probabilities(scorecard, *rows):
    return scorecard.score(columns(*rows)).probability


@given(applications())
def test_a_probability_lies_between_0_and_1(scorecard, row):
    (probability,) = probabilities(scorecard, row)
    assert 0 < probability < 1


@given(applications(), INCOMES, st.floats(0, 1e7))
@example(application(ApplicantIncome=0, CoapplicantIncome=0), "ApplicantIncome", 1e-310)
@example(application(ApplicantIncome=0, CoapplicantIncome=0, LoanAmount=None), "ApplicantIncome", 1.0)
def test_more_income_never_lowers_the_probability(scorecard, row, column, more):
    before, after = probabilities(scorecard, row, row | {column: row[column] + more})
    assert after >= before


@given(applications(LoanAmount=amounts), st.floats(0, 1e6))
def test_a_heavier_loan_never_raises_the_probability(scorecard, row, more):
    before, after = probabilities(scorecard, row, row | {"LoanAmount": row["LoanAmount"] + more})
    assert after <= before


@given(applications(Loan_Amount_Term=terms), terms)
def test_a_shorter_term_never_raises_the_probability(scorecard, row, other):
    short, long = sorted([row["Loan_Amount_Term"], other])
    before, after = probabilities(
        scorecard, row | {"Loan_Amount_Term": long}, row | {"Loan_Amount_Term": short}
    )
    assert after <= before


@given(applications(Credit_History=st.just(0.0)))
def test_a_good_credit_history_never_lowers_the_probability(scorecard, row):
    before, after = probabilities(scorecard, row, row | {"Credit_History": 1.0})
    assert after >= before


@given(applications(), good_values(SCHEMA.by_column["Gender"]), good_values(SCHEMA.by_column["Married"]))
def test_swapping_gender_or_married_changes_nothing(scorecard, row, gender, married):
    scores = scorecard.score(columns(row, row | {"Gender": gender, "Married": married}))
    assert scores.log_odds[0] == scores.log_odds[1]
    assert scores.explanation(0).digest == scores.explanation(1).digest


@pytest.mark.parametrize("name", RATIOS)
@pytest.mark.parametrize("gaps", [{}, {"LoanAmount": None}, {"Loan_Amount_Term": None}])
def test_no_income_falls_in_the_worst_bin_of_every_ratio(scorecard, name, gaps):
    column = next(column for column in scorecard.columns if column.column == name)
    row = application(ApplicantIncome=0.0, CoapplicantIncome=0.0, **gaps)
    assert column.bins_of(columns(row)).tolist() == [len(column.edges)]
    assert column.points[len(column.edges)] == column.points[:-1].min()


@pytest.mark.parametrize("name", ["Credit_History", "Total_Income", *RATIOS])
def test_the_points_of_a_column_move_in_its_direction(scorecard, name):
    column = next(column for column in scorecard.columns if column.column == name)
    points = column.points[:-1].tolist()
    assert points == sorted(points, reverse=SCHEMA.by_model_column[name].direction < 0)
