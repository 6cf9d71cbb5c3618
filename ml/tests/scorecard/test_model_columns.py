"""The scorecard's five columns, by example."""

import math

import pytest

from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import frame_from_columns
from ml.tests.helpers.tables import application, columns
from ml.training.frame_steps import ModelColumns

SCHEMA = built_in()

RATIOS = ["Loan_To_Income", "Instalment_To_Income"]


def value_of(name, **changes):
    """One model column of one application, the same by the web's way and by the training's."""
    rows = columns(application(**changes))
    (value,) = SCHEMA.by_model_column[name].values(rows)
    frame = frame_from_columns(SCHEMA, rows)
    trained = ModelColumns(SCHEMA).fit(frame).transform(frame)[0]
    assert repr(trained[SCHEMA.model_columns.index(SCHEMA.by_model_column[name])]) == repr(value)
    return float(value)


def test_total_income_is_the_sum_of_both():
    assert value_of("Total_Income", ApplicantIncome=3000.5, CoapplicantIncome=1000) == 4000.5


def test_loan_to_income_is_in_months_of_income():
    assert value_of("Loan_To_Income", ApplicantIncome=3000, CoapplicantIncome=1000, LoanAmount=120) == 30


def test_instalment_to_income_is_a_share_of_monthly_income():
    changes = {"ApplicantIncome": 4000, "CoapplicantIncome": 0, "LoanAmount": 144, "Loan_Amount_Term": 360}
    assert value_of("Instalment_To_Income", **changes) == 0.1


@pytest.mark.parametrize("name", RATIOS)
def test_a_missing_amount_makes_a_ratio_missing(name):
    assert math.isnan(value_of(name, LoanAmount=None))


def test_a_missing_term_makes_only_the_instalment_missing():
    assert math.isnan(value_of("Instalment_To_Income", Loan_Amount_Term=None))
    assert value_of("Loan_To_Income", Loan_Amount_Term=None) > 0


@pytest.mark.parametrize("name", RATIOS)
@pytest.mark.parametrize("gaps", [{}, {"LoanAmount": None}, {"Loan_Amount_Term": None}])
def test_no_income_at_all_is_the_worst_ratio_and_never_missing(name, gaps):
    assert value_of(name, ApplicantIncome=0, CoapplicantIncome=0, **gaps) == math.inf


@pytest.mark.parametrize("name", RATIOS)
def test_next_to_no_income_is_the_worst_ratio_too(name):
    assert value_of(name, ApplicantIncome=5e-324, CoapplicantIncome=0) == math.inf


@pytest.mark.parametrize(("area", "code"), [("Rural", 0), ("Semiurban", 1), ("Urban", 2)])
def test_areas_are_numbered(area, code):
    assert value_of("Property_Area", Property_Area=area) == code


@pytest.mark.parametrize(("history", "value"), [(1, 1.0), (0.0, 0.0)])
def test_credit_history_is_read_as_it_is(history, value):
    assert value_of("Credit_History", Credit_History=history) == value


def test_a_missing_credit_history_is_missing():
    assert math.isnan(value_of("Credit_History", Credit_History=None))


def test_no_protected_column_is_read():
    assert not set(SCHEMA.source_columns) & set(SCHEMA.protected)
