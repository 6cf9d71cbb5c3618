"""Whole rows: every fault is found, strange fields are named with their nearest known one."""

import json

import pytest

from ml.applications.records import (
    InvalidRecord,
    clean_row,
    columns_of,
    is_near_miss,
    json_lines,
    nearest,
    read_json_row,
)
from ml.applications.spellings import TEXT_INPUT
from ml.errors import MLError
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tests.helpers.tables import application

SCHEMA = built_in()

REQUIRED = [feature.column for feature in SCHEMA.features if not feature.optional]


def faults_of(row, **options):
    with pytest.raises(InvalidRecord) as refusal:
        read_json_row(SCHEMA, row, **options)
    return refusal.value.faults


def test_a_good_row_becomes_a_record(row):
    record = read_json_row(SCHEMA, row)
    assert (record.loan_id, record.applicant_income, record.property_area) == ("LP-1", 4000.0, "Urban")


def test_the_json_of_a_record_is_its_row(row):
    other = row | {"LoanAmount": None}
    assert [*map(json.loads, json_lines([read_json_row(SCHEMA, row), read_json_row(SCHEMA, other)]))] == [
        row,
        other,
    ]


def test_columns_of_records_hold_one_value_a_record(row):
    records = [read_json_row(SCHEMA, row), read_json_row(SCHEMA, row | {"LoanAmount": None})]
    assert columns_of(SCHEMA, records)["LoanAmount"] == [130.0, None]


def test_absent_optional_fields_are_gaps():
    record = read_json_row(SCHEMA, {name: application()[name] for name in REQUIRED})
    assert (record.loan_id, record.gender, record.loan_amount) == (None, None, None)


def test_an_absent_required_field_is_refused(row):
    del row["Education"]
    assert [(fault.attr, fault.code) for fault in faults_of(row)] == [("Education", "required")]


def test_every_fault_of_a_row_is_named():
    row = application(Loan_ID="\x00", Gender="?", ApplicantIncome=-1, Extra=1)
    found = {(fault.attr, fault.code) for fault in faults_of(row)}
    assert found == {
        (LOAN_ID, "invalid"),
        ("Gender", "invalid_choice"),
        ("ApplicantIncome", "min_value"),
        ("Extra", "unknown_field"),
    }


def test_a_refused_row_keeps_its_good_loan_id(row):
    with pytest.raises(InvalidRecord) as refusal:
        read_json_row(SCHEMA, row | {"Gender": "?"})
    assert refusal.value.loan_id == "LP-1"


def test_a_refusal_belongs_to_the_library_s_errors(row):
    with pytest.raises(MLError):
        read_json_row(SCHEMA, row | {"Gender": "?"})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ApplicntIncome", "ApplicantIncome"),
        ("loan_amount", "LoanAmount"),
        ("LOAN_ID", "Loan_ID"),
        ("Credit History", "Credit_History"),
        ("Dependants", "Dependents"),
    ],
)
def test_a_misspelt_field_names_the_nearest(row, name, meant):
    (fault,) = faults_of(row | {name: 1})
    assert (fault.code, fault.attr, nearest(SCHEMA, name)) == ("unknown_field", name, meant)
    assert fault.detail.endswith(f"Did you mean {meant}?")


def test_a_field_like_no_other_is_told_all_fields(row):
    (fault,) = faults_of(row | {"zzz": 1})
    assert all(name in fault.detail for name in (LOAN_ID, *SCHEMA.columns))


def test_unknown_fields_can_be_passed_over(row):
    assert read_json_row(SCHEMA, row | {"Loan_Status": "Y", "zzz": 1}, ignore_unknown=True) == read_json_row(
        SCHEMA, row
    )


@pytest.mark.parametrize("name", ["loanamount", "Loan Amount", "LOAN_STATUS", "loan_id"])
def test_another_spelling_of_a_known_column_is_never_passed_over(row, name):
    (fault,) = faults_of(row | {name: 1}, ignore_unknown=True)
    assert is_near_miss(SCHEMA, name)
    assert fault.attr == name


def test_only_the_first_of_very_many_unknown_fields_are_named(row):
    faults = faults_of(row | {f"field {number}": 1 for number in range(100_000)})
    assert len(faults) == 21
    assert "99,980 more" in faults[-1].detail


@pytest.mark.parametrize(
    "name", ["\ud800", "a\x00", "\u202egnirtS", "x" * 10**6, ""], ids=lambda name: ascii(name)[:9]
)
def test_a_strange_name_can_be_written_as_utf_8(row, name):
    (fault,) = faults_of(row | {name: 1})
    assert len(f"{fault.attr}{fault.detail}".encode()) < 1000


@pytest.mark.parametrize("column", ["Gender", "Loan_ID", "LoanAmount"])
def test_half_a_surrogate_pair_is_an_ordinary_fault(row, column):
    (fault,) = faults_of(row | {column: "\ud800"})
    assert fault.attr == column


def test_a_row_of_text_becomes_the_same_record(row):
    text = {name: "" if value is None else str(value) for name, value in row.items()}
    assert clean_row(SCHEMA, text, TEXT_INPUT) == read_json_row(SCHEMA, row)
