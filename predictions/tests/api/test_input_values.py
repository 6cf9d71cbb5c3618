"""Values that a field does not take, at both doors: refused by field, value and what was expected."""

import json

import pytest

from predictions.roles import Role
from predictions.tests.api.test_input_bodies import ARTICLE, DOORS, V1, refusal
from predictions.tests.helpers.api import ApiClient

# field, its JSON text, code, how the message shows the value
REFUSED = [
    ("ApplicantIncome", "-1", "min_value", "-1"),
    ("ApplicantIncome", "true", "invalid", "True"),
    ("ApplicantIncome", '"1_000"', "invalid", "'1_000'"),
    ("ApplicantIncome", '"5720"', "invalid", "'5720'"),
    ("ApplicantIncome", '"\uff15\uff17"', "invalid", "'\uff15\uff17'"),
    ("ApplicantIncome", '"NaN"', "invalid", "'NaN'"),
    ("ApplicantIncome", '"Infinity"', "invalid", "'Infinity'"),
    ("ApplicantIncome", "1e308", "max_value", "1e+308"),
    ("ApplicantIncome", "1e400", "max_value", "inf"),
    ("ApplicantIncome", "-1e400", "min_value", "-inf"),
    ("ApplicantIncome", "1" + "0" * 400, "max_value", "a number of very many digits"),
    ("ApplicantIncome", "[5720]", "invalid", "an array"),
    ("ApplicantIncome", '{"value": 5720}', "invalid", "an object"),
    ("CoapplicantIncome", "null", "required", "a number from 0"),
    ("CoapplicantIncome", '""', "required", "a number from 0"),
    ("LoanAmount", "0", "min_value", "0"),
    ("LoanAmount", "[]", "invalid", "an array"),
    ("Loan_Amount_Term", "0", "min_value", "0"),
    ("Loan_Amount_Term", "1000000000", "max_value", "1000000000"),
    ("Credit_History", "true", "invalid", "True"),
    ("Credit_History", "2", "invalid_choice", "2"),
    ("Credit_History", '"1"', "invalid", "'1'"),
    ("Gender", '["Male"]', "invalid_choice", "an array"),
    ("Gender", '"male"', "invalid_choice", "'male'"),
    ("Gender", "false", "invalid_choice", "False"),
    ("Dependents", "true", "invalid_choice", "True"),
    ("Dependents", "4", "invalid_choice", "4"),
    ("Dependents", "1e400", "invalid_choice", "inf"),
    ("Education", '"graduate"', "invalid_choice", "'graduate'"),
    ("Education", '" Graduate"', "invalid_choice", "' Graduate'"),
    ("Property_Area", '"<script>alert(1)</script>"', "invalid_choice", "'<script>alert(1)</script>'"),
    ("Property_Area", '"' + "x" * 10**6 + '"', "invalid_choice", "(1,000,000 characters)"),
    ("Loan_ID", "5", "invalid", "5"),
    ("Loan_ID", "[]", "invalid", "an array"),
    ("Loan_ID", "true", "invalid", "True"),
    ("Loan_ID", '"' + "x" * 65 + '"', "invalid", "(65 characters)"),
    ("Loan_ID", '"' + "x" * 10**6 + '"', "invalid", "(1,000,000 characters)"),
]
# Names of what is decided here and nowhere else.
FROM_OUTSIDE = ["score", "owner", "owner_id", "model_version", "outcome", "approved", "id", "threshold"]
NEAR_MISSES = {
    "education": "Education",
    "EDUCATION": "Education",
    "loan_id": "Loan_ID",
    "LoanID": "Loan_ID",
    " Gender": "Gender",
    "Applicant_Income": "ApplicantIncome",
    "Loan Amount Term": "Loan_Amount_Term",
}


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.API_CLIENT))


def with_value(application, field, text):
    """Return an array of one row as JSON text, one value written as given."""
    rest = json.dumps({name: value for name, value in application.items() if name != field})
    return f'[{{"{field}": {text}, {rest[1:-1]}}}]'


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[0]} {case[1]:.20}")
def test_a_bad_value_is_refused_with_its_field_and_what_was_expected(api, application, door, case):
    field, text, code, shown = case
    [error] = refusal(api.post(door, with_value(application, field, text)), 400)
    assert (error["code"], error["attr"], error["index"]) == (code, field, 0)
    assert shown in error["detail"]
    assert "expected" in error["detail"] or "one of" in error["detail"] or code == "required"


def test_a_single_object_is_refused_like_a_row(api, application):
    [error] = refusal(api.post(V1, application | {"LoanAmount": True}), 400)
    assert error.keys() == {"code", "detail", "attr"}
    assert (error["code"], error["attr"]) == ("invalid", "LoanAmount")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("field", ["Education", "Property_Area", "ApplicantIncome", "CoapplicantIncome"])
def test_a_required_field_that_is_left_out_is_named(api, application, door, field):
    del application[field]
    [error] = refusal(api.post(door, [application]), 400)
    assert (error["code"], error["attr"]) == ("required", field)


@pytest.mark.parametrize("value", [None, "", ...])
def test_the_articles_endpoint_requires_a_loan_id(api, application, value):
    row = {name: v for name, v in (application | {"Loan_ID": value}).items() if v is not ...}
    [error] = refusal(api.post(ARTICLE, [row | {"Education": "PhD"}, application]), 400)[1:]
    assert (error["code"], error["attr"], error["index"]) == ("required", "Loan_ID", 0)


@pytest.mark.parametrize("name", [*FROM_OUTSIDE, "Loan_Status", "x" * 10**6, "", "<b>", "\u202ename"])
def test_an_unknown_field_is_refused(api, application, name):
    [error] = refusal(api.post(V1, application | {name: 1}), 400)
    assert (error["code"], error["attr"]) == ("unknown_field", name[:100])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("name", "meant"), NEAR_MISSES.items())
def test_a_misspelt_field_is_refused_with_the_one_that_is_meant(api, application, door, name, meant):
    errors = refusal(api.post(door, [application | {name: application[meant]}]), 400)
    assert [error["attr"] for error in errors] == [name]
    assert f"Did you mean {meant}?" in errors[0]["detail"]


@pytest.mark.parametrize("name", [*FROM_OUTSIDE, "Branch"])
def test_the_articles_endpoint_passes_over_unknown_columns(api, application, name):
    plain, more = (api.post(ARTICLE, [row]).json() for row in (application, application | {name: 1}))
    assert plain == more


@pytest.mark.slow
def test_a_hundred_thousand_fields_are_refused_in_few_words(api, application):
    errors = refusal(api.post(V1, application | {f"field {n}": n for n in range(100_000)}), 400)
    assert errors[-1]["detail"].startswith("99,980 more fields")


@pytest.mark.slow
def test_the_articles_endpoint_takes_a_hundred_thousand_columns(api, application):
    rows = [application | {f"field {n}": n for n in range(100_000)}]
    assert api.post(ARTICLE, rows).status_code == 200
