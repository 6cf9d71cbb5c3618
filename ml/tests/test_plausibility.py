"""Warnings: allowed values that look like a slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.plausibility import FEW, suspects, warnings_of
from ml.records import columns_of, read_json_row
from ml.tests.strategies import applications
from ml.tests.tables import application


def found(**changes):
    return [
        (warning["code"], warning["attr"]) for warning in warnings_of(read_json_row(application(**changes)))
    ]


def test_an_ordinary_application_has_no_warnings():
    assert found() == []


@pytest.mark.parametrize(
    ("column", "value", "unit"),
    [
        ("ApplicantIncome", 60_000.0, "per month is expected"),
        ("CoapplicantIncome", 60_000.0, "per month is expected"),
        ("LoanAmount", 128_000.0, "thousands is expected"),
        ("Loan_Amount_Term", 30.0, "months is expected"),
    ],
)
def test_a_likely_wrong_unit_is_named_with_the_expected_one(column, value, unit):
    warning = warnings_of(read_json_row(application(**{column: value})))[0]
    assert (warning["code"], warning["attr"]) == ("unusual_value", column)
    assert warning["detail"].startswith(f"{value:,.0f} is unusual: ")
    assert unit in warning["detail"]


def test_no_income_of_the_applicant_is_named():
    assert found(ApplicantIncome=0.0) == [("no_applicant_income", "ApplicantIncome")]


def test_an_instalment_above_all_income_is_named():
    assert ("instalment_above_income", "LoanAmount") in found(LoanAmount=700.0, Loan_Amount_Term=100.0)


def test_gaps_and_no_income_at_all_are_no_division_by_zero():
    gaps = {"LoanAmount": None, "Loan_Amount_Term": None, "Credit_History": None}
    assert found(ApplicantIncome=0.0, CoapplicantIncome=0.0, **gaps) == [
        ("no_applicant_income", "ApplicantIncome")
    ]


@given(st.lists(applications(), min_size=1, max_size=3))
def test_many_rows_at_once_are_suspected_as_one_by_one(rows):
    records = [read_json_row(row) for row in rows * FEW]
    warned = [row for row, record in enumerate(records) if warnings_of(record)]
    assert suspects(columns_of(records)) == warned


def test_few_rows_are_all_looked_at():
    assert list(suspects(columns_of([read_json_row(application())]))) == [0]
