"""Arrays at their limits: none, as many as may be, one more, and rows that repeat a Loan_ID."""

import json

import pytest

from predictions.models import Applicant, Prediction
from predictions.roles import Role
from predictions.tests.api.test_input_bodies import ARTICLE, DOORS, V1, refusal
from predictions.tests.helpers.api import ApiClient


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.API_CLIENT))


@pytest.fixture
def rows(application, settings):
    """As many rows as one call may hold."""
    settings.MAX_ROWS = 3
    return [application | {"Loan_ID": f"L{n}"} for n in range(3)]


def named(errors):
    """Return the rows that each error names beside its own."""
    return {error["index"]: error["detail"].partition(" at index ")[2].rstrip(".") for error in errors}


@pytest.mark.parametrize("door", DOORS)
def test_as_many_rows_as_the_limit_are_taken(api, rows, door):
    assert api.post(door, rows).status_code == 200
    assert Prediction.objects.count() == 3


@pytest.mark.parametrize("door", DOORS)
def test_one_row_more_is_refused_with_the_limit(api, rows, application, door):
    [error] = refusal(api.post(door, [*rows, application]), 413)
    assert error["code"] == "too_large"
    assert error["detail"] == "The array contains more than the 3 rows that one call may contain."


@pytest.mark.parametrize("door", DOORS)
def test_no_row_is_refused(api, door):
    [error] = refusal(api.post(door, []), 400)
    assert "at least one application is expected" in error["detail"]


@pytest.mark.parametrize("element", [None, True, 5, "LP1", []])
@pytest.mark.parametrize("door", DOORS)
def test_an_array_of_anything_but_objects_is_refused_whole(api, application, door, element):
    [error] = refusal(api.post(door, [application, element]), 400)
    assert "index 1" in error["detail"]


def test_rows_that_repeat_a_loan_id_name_each_other(api, application):
    rows = [application, application | {"Loan_ID": "B"}, application, application]
    reply = api.post(V1, rows).json()
    assert [row["Loan_ID"] for row in reply["predictions"]] == ["B"]
    assert named(reply["errors"]) == {0: "2, 3", 2: "0, 3", 3: "0, 2"}


def test_a_bad_row_counts_as_a_repetition_too(api, application):
    errors = refusal(api.post(V1, [application, application | {"Education": "PhD"}]), 400)
    assert [(error["index"], error["code"]) for error in errors] == [
        (0, "repeated"),
        (1, "invalid_choice"),
        (1, "repeated"),
    ]


def test_rows_without_a_loan_id_do_not_repeat_one(api, application):
    rows = [application | {"Loan_ID": gap} for gap in (None, "", None, "")]
    reply = api.post(V1, rows)
    assert (reply.status_code, len({row["Loan_ID"] for row in reply.json()["predictions"]})) == (200, 4)


def test_ten_thousand_rows_of_one_loan_id_are_refused_in_few_words(api, application):
    errors = refusal(api.post(V1, [application] * 10_000), 400)
    assert errors[0]["detail"].endswith("at index 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 9,989 more.")
    assert errors[-1]["detail"] == "9,900 more errors are not listed."


def test_the_articles_endpoint_scores_repeated_loan_ids_one_after_the_other(api, application):
    rows = [application, application | {"Credit_History": 0}]
    reply = json.loads(api.post(ARTICLE, rows).json()["predictions"])
    assert [row["1"] for row in reply] == [1, 0]
    assert Applicant.objects.get().inputs["Credit_History"] == 0


def test_one_bad_row_refuses_the_whole_array_of_the_articles_endpoint(api, rows):
    [error] = refusal(api.post(ARTICLE, [*rows[:2], rows[2] | {"LoanAmount": -1}]), 400)
    assert (error["index"], error["Loan_ID"], error["attr"]) == (2, "L2", "LoanAmount")


@pytest.mark.parametrize("query", ["?atomic=true", "?validate_only=true", "?atomic=true&validate_only=true"])
def test_the_switches_take_no_row_of_a_bad_array(api, rows, query):
    api.post(V1 + query, [*rows[:2], {"Loan_ID": "B"}])
    assert not Prediction.objects.exists()
    assert not Applicant.objects.exists()
