"""The one-pass check of a good row and the field-by-field check never disagree."""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ml.applications.json_records import read_json_records
from ml.applications.records import InvalidRecord, clean_row, read_json_row, record_kind
from ml.applications.values import JSON_INPUT
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tests.helpers.strategies import applications, json_values, spoiled_applications
from ml.tests.helpers.tables import application

SCHEMA = built_in()

OPTIONAL = (LOAN_ID, *(feature.column for feature in SCHEMA.features if feature.optional))


def outcome(read, row):
    """The record to the last bit, or the faults."""
    try:
        return repr(read(row))
    except InvalidRecord as error:
        return error.faults


def one_pass(row):
    return read_json_row(SCHEMA, row)


def field_by_field(row):
    return clean_row(SCHEMA, row, JSON_INPUT)


@given(applications())
def test_any_valid_application_passes_in_one_pass(row):
    assert repr(msgspec.convert(row, record_kind(SCHEMA).record_type)) == repr(field_by_field(row))


@given(spoiled_applications())
@example(application(Gender="\ud800"))
@example(application(LoanAmount=float("nan")))
@example(application(ApplicantIncome=True))
@example(application(Loan_ID="a\n"))
@example(application(CoapplicantIncome=-0.0))
@example(application(Credit_History=-0.0))
@example(application(Credit_History=10**400))
def test_both_ways_agree_on_any_row(row):
    assert outcome(one_pass, row) == outcome(field_by_field, row)


@pytest.mark.parametrize("zero", ["-0", "-0.0", "-0e5", "-1e-400"])
@pytest.mark.parametrize("loan_id", ["LP-1", "LP-0 -0", r"\u002d0"])
def test_no_way_to_read_json_keeps_minus_zero(zero, loan_id):
    row = json.dumps(application(CoapplicantIncome="@", Loan_ID=loan_id)).replace('"@"', zero)
    found = [read_json_row(SCHEMA, json.loads(row)), *(read_json_records(SCHEMA, f"[{row}]".encode()) or [])]
    assert not [repr(record) for record in found if "=-0" in repr(record)]


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_both_ways_agree_on_any_object(row):
    assert outcome(one_pass, row) == outcome(field_by_field, row)


@given(st.text(max_size=70))
def test_both_ways_agree_on_any_loan_id(loan_id):
    row = application() | {LOAN_ID: loan_id}
    assert outcome(one_pass, row) == outcome(field_by_field, row)


@given(st.lists(applications(), max_size=3), st.sampled_from([",", ", ", "\n,"]), st.booleans())
def test_whole_rows_are_read_as_one_by_one(rows, comma, spaced):
    body = json.dumps(rows, separators=(comma, ": " if spaced else ":")).encode()
    assert list(map(repr, read_json_records(SCHEMA, body) or [])) == [
        repr(read_json_row(SCHEMA, row)) for row in rows
    ]


@given(spoiled_applications())
def test_a_spoiled_row_is_never_read_as_another_one(row):
    body = json.dumps([application(), row]).encode()
    records = read_json_records(SCHEMA, body)
    assert records is None or repr(records[1]) == outcome(one_pass, row)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.replace(b'"Gender"', b'"Gender": "Male", "Gender"', 1),
        lambda body: body.replace(b'"Gender"', b'"Gend\\u0065r" : "Male", "Gender"', 1),
        lambda body: body.replace(b'"Married": "No", ', b"", 1),
        lambda body: body.replace(b'"LP-1"', b'"LP:1"', 1),
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.replace(b"LP-1", b"\xff", 1),
        lambda body: body[:-1],
    ],
)
def test_anything_else_is_left_to_the_careful_readers(spoil):
    body = json.dumps([application(Married="No")]).encode()
    assert read_json_records(SCHEMA, body)
    assert spoil(body) != body
    assert read_json_records(SCHEMA, spoil(body)) is None


@given(applications(), st.sets(st.sampled_from(OPTIONAL)), st.booleans())
def test_one_object_is_read_as_from_its_decoded_row(row, omitted, spaced):
    row = {name: value for name, value in row.items() if name not in omitted}
    record = read_json_records(SCHEMA, json.dumps(row, separators=(",", ": " if spaced else ":")).encode())
    assert record is None or repr(record) == repr(read_json_row(SCHEMA, row))


def test_a_complete_object_and_one_without_gaps_are_read_in_one_pass():
    assert read_json_records(SCHEMA, json.dumps(application()).encode())
    required = {name: value for name, value in application().items() if name not in OPTIONAL}
    assert read_json_records(SCHEMA, json.dumps(required).encode()) == read_json_records(
        SCHEMA, json.dumps(dict.fromkeys(OPTIONAL) | required).encode()
    )


@given(spoiled_applications())
@example(application(Loan_ID=""))
@example(application(CoapplicantIncome=-0.0))
@example(application(Dependents=3))
def test_a_spoiled_object_is_never_read_as_another_one(row):
    record = read_json_records(SCHEMA, json.dumps(row).encode())
    assert record is None or repr(record) == outcome(one_pass, row)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.replace(b'"Gender"', b'"Gender": "Male", "Gender"', 1),
        lambda body: body.replace(b'"Gender"', b'"Gend\\u0065r" : "Male", "Gender"', 1),
        lambda body: body.replace(b'"Married": "No"', b'"Gender": "Male"', 1),
        lambda body: body.replace(b'"LP-1"', b'"LP:1"', 1),
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.replace(b"LP-1", b"\xff", 1),
        lambda body: body[:-1],
        lambda body: body + b"}",
    ],
)
def test_any_other_object_is_left_to_the_careful_readers(spoil):
    body = json.dumps(application(Married="No")).encode()
    assert read_json_records(SCHEMA, body)
    assert spoil(body) != body
    assert read_json_records(SCHEMA, spoil(body)) is None
