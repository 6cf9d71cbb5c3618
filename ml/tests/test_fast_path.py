"""The one-pass check of a good row and the field-by-field check never disagree."""

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from ml.records import InvalidRecord, Record, clean_row, read_json_row
from ml.schema import LOAN_ID
from ml.tests.strategies import applications, json_values, spoiled_applications
from ml.tests.tables import application
from ml.values import JSON


def outcome(read, row):
    """The record to the last bit, or the faults."""
    try:
        return repr(read(row))
    except InvalidRecord as error:
        return error.faults


def field_by_field(row):
    return clean_row(row, JSON)


@given(applications())
def test_any_valid_application_passes_in_one_pass(row):
    assert repr(msgspec.convert(row, Record)) == repr(field_by_field(row))


@given(spoiled_applications())
@example(application(Gender="\ud800"))
@example(application(LoanAmount=float("nan")))
@example(application(ApplicantIncome=True))
@example(application(Loan_ID="a\n"))
@example(application(CoapplicantIncome=-0.0))
@example(application(Credit_History=10**400))
def test_both_ways_agree_on_any_row(row):
    assert outcome(read_json_row, row) == outcome(field_by_field, row)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_both_ways_agree_on_any_object(row):
    assert outcome(read_json_row, row) == outcome(field_by_field, row)


@given(st.text(max_size=70))
def test_both_ways_agree_on_any_loan_id(loan_id):
    row = application() | {LOAN_ID: loan_id}
    assert outcome(read_json_row, row) == outcome(field_by_field, row)
