"""Remarks: allowed values that look like a slip, or that the model was not trained on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.applications.plausibility import MIN_ROWS_FOR_ARRAYS, RemarkFinder, referring_remarks, training_values
from ml.applications.records import columns_of, read_json_row
from ml.products.loan_prediction.schema import built_in
from ml.tests.helpers.strategies import applications
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()

TRAINED = training_values(
    SCHEMA, [columns(application(), application(ApplicantIncome=9_000.0, LoanAmount=700.0))]
)


def remarks(trained_on=None, **changes):
    return RemarkFinder(SCHEMA, trained_on, SCHEMA.columns)(columns(application(**changes))).get(0, [])


def found(trained_on=None, **changes):
    return [(remark["code"], remark["attr"]) for remark in remarks(trained_on, **changes)]


def test_an_ordinary_application_has_no_remarks():
    assert found() == found(TRAINED) == []


@pytest.mark.parametrize(
    ("column", "value", "unit"),
    [
        ("ApplicantIncome", 60_000.0, "per month is expected; is this one per year?"),
        ("CoapplicantIncome", 60_000.0, "per month is expected; is this one per year?"),
        ("ApplicantIncome", 4.1, "100 to 25,000 per month is expected; is this one in thousands?"),
        ("CoapplicantIncome", 99.99, "100 to 25,000 per month is expected; is this one in thousands?"),
        ("LoanAmount", 128_000.0, "5 to 1,000 thousands is expected; write 128 for 128,000."),
        ("Loan_Amount_Term", 30.0, "months is expected; is this one in years?"),
    ],
)
def test_a_likely_wrong_unit_is_named_with_the_expected_one(column, value, unit):
    remark = remarks(**{column: value})[0]
    assert (remark["code"], remark["attr"]) == ("unusual_value", column)
    assert remark["detail"].startswith(f"{value:,.10g} is unusual: ")
    assert unit in remark["detail"]


@pytest.mark.parametrize("income", [0.0, -0.0, 100.0, 25_000.0])
def test_no_income_of_a_co_applicant_and_the_ends_of_the_usual_are_not_unusual(income):
    assert found(CoapplicantIncome=income) == []


@pytest.mark.parametrize(("joint", "refers"), [(1_500.0, False), (0.0, True)])
def test_no_income_of_the_applicant_is_named_and_refers_where_nobody_earns(joint, refers):
    incomes = {"ApplicantIncome": 0.0, "CoapplicantIncome": joint}
    said = remarks(TRAINED, **incomes)
    assert "no_applicant_income" in [remark["code"] for remark in said]
    referring = referring_remarks(SCHEMA, said, application(**incomes))
    assert ("no_applicant_income" in [remark["code"] for remark in referring]) is refers


def test_an_instalment_above_all_income_is_named():
    assert ("instalment_above_income", "LoanAmount") in found(LoanAmount=700.0, Loan_Amount_Term=100.0)


def test_gaps_and_no_income_at_all_are_no_division_by_zero():
    gaps = {"LoanAmount": None, "Loan_Amount_Term": None, "Credit_History": None}
    assert found(ApplicantIncome=0.0, CoapplicantIncome=0.0, **gaps) == [
        ("no_applicant_income", "ApplicantIncome")
    ]


@pytest.mark.parametrize(("value", "outside"), [(3_999.0, True), (4_000.0, False), (9_000.5, True)])
def test_a_value_outside_the_training_range_is_named_with_the_range(value, outside):
    said = [
        r["detail"] for r in remarks(TRAINED, ApplicantIncome=value) if r["code"] == "outside_training_range"
    ]
    expected = f"{value:,.10g} lies outside the model's training table, which has 4,000 to 9,000 per month."
    assert said == ([expected] if outside else [])


@pytest.mark.parametrize(("column", "value"), [("Property_Area", "Rural"), ("Credit_History", 0.0)])
def test_a_choice_that_no_training_row_had_is_named(column, value):
    assert found(TRAINED, **{column: value}) == [("unseen_value", column)]


def test_nothing_is_said_of_training_where_it_is_not_known_or_not_read():
    assert found(None, LoanAmount=5.0, Property_Area="Rural") == []
    finder = RemarkFinder(SCHEMA, TRAINED, ["ApplicantIncome"])
    assert finder(columns(application(LoanAmount=5.0, Property_Area="Rural"))) == {}


@given(st.lists(applications(), min_size=1, max_size=3), st.sampled_from([None, TRAINED]))
def test_many_rows_at_once_are_remarked_on_as_one_by_one(rows, trained_on):
    finder = RemarkFinder(SCHEMA, trained_on, SCHEMA.columns)
    records = [read_json_row(SCHEMA, row) for row in rows * MIN_ROWS_FOR_ARRAYS]
    alone = {
        row: said
        for row, record in enumerate(records)
        if (said := finder(columns_of(SCHEMA, [record])).get(0))
    }
    assert finder(columns_of(SCHEMA, records)) == alone


@given(st.lists(applications(), min_size=1, max_size=3), st.sampled_from([None, TRAINED]))
def test_rows_with_equal_keys_have_equal_remarks_apart_from_their_values(rows, trained_on):
    finder = RemarkFinder(SCHEMA, trained_on, SCHEMA.columns)
    table = columns_of(SCHEMA, [read_json_row(SCHEMA, row) for row in rows * MIN_ROWS_FOR_ARRAYS])
    said = {row: [(r["code"], r["attr"]) for r in of_row] for row, of_row in finder(table).items()}
    keys = dict(zip(*finder.alike(table), strict=True))
    assert keys.keys() == said.keys()
    assert len({(key, *said[row]) for row, key in keys.items()}) == len(set(keys.values()))
