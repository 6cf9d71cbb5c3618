"""Form, JSON and CSV accept and refuse the same, with the same code and cleaned value."""

import pytest

from ml.applications.records import InvalidRecord, clean_row, read_json_row
from ml.applications.spellings import TEXT_INPUT
from ml.products.loan_prediction.schema import built_in
from predictions.web.forms import ApplicantForm

SCHEMA = built_in()

GOOD = {
    **{"Gender": "Male", "Married": "No", "Dependents": "3+", "Education": "Graduate"},
    **{"Self_Employed": "Yes", "ApplicantIncome": 4000.0, "CoapplicantIncome": 0.0, "LoanAmount": 128.0},
    **{"Loan_Amount_Term": 360.0, "Credit_History": 1.0, "Property_Area": "Rural"},
}
NUMBERS = [0, -1, 1, 0.5, 600, 601, 128.25, 1e6, 1e7, 10_000_001, 1e308, 10**400]
TEXTS = [
    "",
    "1_000",
    "\uff11\uff12\uff18",
    "12O0",
    "NaN",
    "Infinity",
    "-Infinity",
    "Moon",
    "mail",
    "Male",
    "0",
    "3+",
    "2.0",
]
CASES = [(f.column, value) for f in SCHEMA.features for value in [None, *NUMBERS, *TEXTS, True]]


def by_json(column, value):
    return _row(lambda: read_json_row(SCHEMA, GOOD | {column: value}), column)


def by_csv(column, value):
    row = {name: _text(v) for name, v in (GOOD | {column: value}).items()}
    return _row(lambda: clean_row(SCHEMA, row, TEXT_INPUT), column)


def by_form(column, value):
    data = {SCHEMA.by_column[name].name: _text(v) for name, v in (GOOD | {column: value}).items()}
    form = ApplicantForm(SCHEMA, data)
    name = SCHEMA.by_column[column].name
    if form.is_valid():
        return ("ok", form.cleaned_data[name])
    return ("refused", form.errors.as_data()[name][0].code)


def _row(read, column):
    try:
        return ("ok", getattr(read(), SCHEMA.by_column[column].name))
    except InvalidRecord as error:
        return ("refused", {fault.attr: fault.code for fault in error.faults}[column])


def _text(value):
    if value is None:
        return ""
    return str(value) if isinstance(value, str | int) else f"{value:.17g}" if value < 1e15 else f"{value:.0f}"


def typed(value):
    return not isinstance(value, str)


@pytest.mark.parametrize(("column", "value"), CASES)
def test_both_text_doors_answer_alike(column, value):
    assert by_form(column, value) == by_csv(column, value)


@pytest.mark.parametrize(("column", "value"), [case for case in CASES if case[1] is not True])
def test_what_a_text_door_can_express_it_answers_as_json_does(column, value):
    number_as_text = isinstance(value, str) and (SCHEMA.by_column[column].kind == "number" or value == "2.0")
    if not number_as_text and value != "NaN":
        assert by_csv(column, value) == by_json(column, value)
