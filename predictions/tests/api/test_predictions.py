"""POST /api/v1/predictions/: one object, an array, and its two switches."""

import pytest

from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient

URL = "/api/v1/predictions/"


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.API_CLIENT))


def test_one_application_is_scored_and_stored(api, application):
    response = api.post(URL, application)
    assert response.status_code == 201
    assert response.json()["id"] == Prediction.objects.get().pk


def test_a_prediction_has_the_promised_fields(api, application):
    assert list(api.post(URL, application).json()) == [
        *("id", "Loan_ID", "approved", "outcome", "approval_probability", "threshold", "log_odds"),
        *(
            "base",
            "reasons",
            "causes",
            "missing",
            "could_flip",
            "warnings",
            "model_version",
            "created_at",
            "request_id",
            "earlier",
        ),
    ]


def test_the_outcome_follows_the_threshold(api, application):
    good, bad = (api.post(URL, application | {"Credit_History": h}).json() for h in (1, 0))
    assert (good["approved"], good["outcome"]) == (True, "approved")
    assert (bad["approved"], bad["outcome"]) == (False, "denied")


def test_what_was_posted_is_what_is_read_later_but_for_earlier(api, application):
    posted = api.post(URL, application).json()
    assert api.get(f"{URL}{posted['id']}/").json() | {"earlier": 0} == posted
    assert "earlier" not in api.get(f"{URL}{posted['id']}/").json()


def test_an_application_without_a_loan_id_gets_one(api, application):
    del application["Loan_ID"]
    assert api.post(URL, application).json()["Loan_ID"].startswith("LS-")


def test_a_bad_application_names_every_fault(api, application):
    response = api.post(URL, application | {"ApplicantIncome": -1, "Educaton": "x"})
    assert response.status_code == 400
    errors = {error["attr"]: error["code"] for error in response.json()["errors"]}
    assert errors == {"ApplicantIncome": "min_value", "Educaton": "unknown_field"}


def test_good_rows_of_an_array_survive_bad_ones(api, application):
    rows = [application, application | {"Loan_ID": "B", "Property_Area": "Moon"}]
    response = api.post(URL, rows)
    body = response.json()
    assert (response.status_code, body["scored"], body["refused"]) == (200, 1, 1)
    assert body["errors"][0]["index"] == 1
    assert body["errors"][0]["Loan_ID"] == "B"


def test_an_array_keeps_every_character_of_its_loan_ids(api, application):
    loan_ids = ["a\\b", r"\N", r"a\tb", "é\\.", *(f"LP{number}" for number in range(30))]
    api.post(URL, [application | {"Loan_ID": loan_id} for loan_id in loan_ids])
    assert set(Prediction.objects.values_list("loan_id", flat=True)) == set(loan_ids)


def test_an_array_without_a_good_row_is_refused(api, application):
    response = api.post(URL, [application | {"Education": None}])
    assert (response.status_code, response.json()["scored"]) == (400, 0)


def test_rows_that_repeat_a_loan_id_are_all_refused(api, application):
    body = api.post(URL, [application, application, application | {"Loan_ID": "B"}]).json()
    assert (body["scored"], body["refused"]) == (1, 2)
    assert ["index 1" in e["detail"] or "index 0" in e["detail"] for e in body["errors"]] == [True, True]


def test_atomic_stores_nothing_when_one_row_is_bad(api, application):
    response = api.post(f"{URL}?atomic=true", [application, {"Loan_ID": "B"}])
    assert (response.status_code, response.json()["refused"]) == (400, 2)
    assert not Prediction.objects.exists()


def test_validate_only_counts_and_stores_nothing(api, application):
    response = api.post(f"{URL}?validate_only=true", [application, {"Loan_ID": "B"}])
    assert response.status_code == 200
    assert (response.json()["valid"], response.json()["refused"]) == (1, 1)
    assert not Prediction.objects.exists()


def test_at_most_a_hundred_errors_are_listed_and_then_a_count(api):
    errors = api.post(URL, [{"Loan_ID": f"L{n}"} for n in range(50)]).json()["errors"]
    assert len(errors) == 101
    assert errors[-1]["detail"] == "100 more errors are not listed."


def test_without_an_active_model_the_reply_names_the_command(user_with, application):
    response = ApiClient(user_with(Role.API_CLIENT)).post(URL, application)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert "manage.py train --activate" in response.json()["errors"][0]["detail"]


def test_a_request_id_is_given_back_and_stored(active_version, client_of, application):
    client = client_of(Role.OFFICER)
    response = client.post(URL, application, content_type="application/json", headers={"X-Request-ID": "a-1"})
    assert response.headers["X-Request-ID"] == response.json()["request_id"] == "a-1"
    assert Prediction.objects.get().request_id == "a-1"
