"""Ids and query values that nobody was given: 404 or 400 in words, never a crash, nothing changed."""

import base64

import pytest

from predictions.models import Applicant, Prediction
from predictions.roles import Role
from predictions.tests.api.test_input_bodies import ARTICLE, V1, refusal
from predictions.tests.helpers.api import ApiClient

NO_IDS = ["0", "-1", "1" + "0" * 30, "9" * 18, "9" * 5000, "%00", "abc", "1.0", "1_0", "%EF%BC%91", "%FF"]
LISTS = [V1, "/api/v1/applicants/"]


def cursor(text):
    return "cursor=" + base64.b64encode(text.encode()).decode()


BAD_CURSORS = [
    *("cursor=abc", "cursor=%FF", "cursor=%00", "cursor=====", cursor("o=-1"), cursor("r=x")),
    *(cursor(f"p={key}") for key in ("abc", "", "-1", "1.5", "1_0", "nan", "%00", "1" + "0" * 30)),
    cursor("p=1&o=" + "9" * 5000),
]
BAD_EVERYWHERE = [
    *(f"page_size={size}" for size in ("abc", "0", "-1", "1.5", "1_0", "", "%00", "%EF%BC%91", "9" * 5000)),
    *(f"created_after={time}" for time in ("yesterday", "", "%00", "1", "2026-13-01", "2026-01-01T25:00Z")),
    *("created_after=0000-01-01T00:00:00Z", "created_before=10000-01-01T00:00:00Z", "created_after=%25d"),
    *("created_after=0001-01-01T00:00:00%2B14:00", "created_before=9999-12-31T23:59:59-14:00"),
    *(f"Loan_ID={text}" for text in ("%00", "a%00b", "", "%0A", "%E2%80%AE", "x" * 65, "%FF")),
]
BAD_FOR_PREDICTIONS = [
    *(f"outcome={outcome}" for outcome in ("maybe", "", "%00", "Approved", "%25s", "x" * 5000)),
    *("source=fax", "source=", "model_version=", "model_version=1" + "0" * 30),
    *(f"model_version={number}" for number in ("-1", "1.5", "1e0", "1_0", "NaN", "abc", "%EF%BC%91")),
]
BAD_SWITCHES = ["atomic=perhaps", "atomic=", "atomic=True", "atomic=1", "atomic=%00", "validate_only=yes"]
GOOD = [
    *(
        "created_after=0001-01-01T00:00:00Z",
        "created_before=9999-12-31T23:59:59Z",
        "created_after=2026-01-01",
    ),
    *("created_after=2026-01-31T12:00:00%2B05:30", "page_size=999999999", "Loan_ID=50%25", cursor("p=5")),
]


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def others(active_version, user_with, application):
    """A prediction of somebody else."""
    return ApiClient(user_with(Role.OFFICER, "zoe")).post(V1, application).json()


@pytest.mark.parametrize("number", NO_IDS)
def test_an_id_that_is_none_is_not_found(api, number):
    refusal(api.get(f"{V1}{number}/"), 404)


@pytest.mark.parametrize("number", NO_IDS)
def test_the_page_of_an_id_that_is_none_is_not_found(client_of, active_version, number):
    response = client_of(Role.OFFICER).get(f"/predictions/{number}/")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_anothers_prediction_is_as_good_as_none(api, others):
    nobodys = api.get(f"{V1}{others['id'] + 1}/")
    anothers = api.get(f"{V1}{others['id']}/")
    assert (anothers.status_code, anothers.content) == (404, nobodys.content)


def test_the_page_of_anothers_prediction_is_not_found(client_of, others):
    response = client_of(Role.OFFICER).get(f"/predictions/{others['id']}/")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", BAD_EVERYWHERE)
def test_a_bad_query_value_is_refused_by_name(api, path, query):
    [error] = refusal(api.get(f"{path}?{query}"), 400)
    assert error["attr"] == query.partition("=")[0]
    assert "expected" in error["detail"] or "leave the filter out" in error["detail"]


@pytest.mark.parametrize("query", BAD_FOR_PREDICTIONS)
def test_a_bad_filter_of_predictions_is_refused_by_name(api, query):
    [error] = refusal(api.get(f"{V1}?{query}"), 400)
    assert error["attr"] == query.partition("=")[0]
    assert "expected" in error["detail"] or "not one of" in error["detail"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", BAD_CURSORS)
def test_a_cursor_that_was_made_up_is_not_found(api, path, query):
    [error] = refusal(api.get(f"{path}?{query}"), 404)
    assert error["detail"].startswith("There is no page at that cursor")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", GOOD)
def test_an_odd_query_value_that_is_right_is_taken(api, path, query):
    assert api.get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize("query", BAD_SWITCHES)
def test_a_switch_that_is_neither_true_nor_false_is_refused(api, application, query):
    [error] = refusal(api.post(f"{V1}?{query}", application), 400)
    assert error["attr"] == query.partition("=")[0]


@pytest.mark.parametrize("path", [*LISTS, "/api/v1/features/", "/predict", "/api/nothing/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_the_api_never_answers_in_html(api, path, method):
    response = api.send(method, path)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Request-ID"]
    assert response.status_code < 500


@pytest.mark.parametrize("path", [*LISTS, "/history/"])
def test_very_many_query_values_are_refused(api, client, path):
    client.force_login(api.user)
    query = "&".join(f"a{n}=1" for n in range(1001))
    assert client.get(f"{path}?{query}").status_code == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_a_stored_prediction_cannot_be_changed_from_outside(api, application, method):
    stored = api.post(V1, application).json()
    assert api.send(method, f"{V1}{stored['id']}/").status_code == 405
    assert api.get(f"{V1}{stored['id']}/").json() | {"earlier": 0} == stored


def test_a_refused_row_changes_nothing_of_the_one_stored_before(api, application):
    stored = api.post(V1, application).json()
    for extra in ({"outcome": "denied"}, {"LoanAmount": -1}):
        assert api.post(V1, application | extra).status_code == 400
    assert api.post(ARTICLE, [application | {"LoanAmount": -1}]).status_code == 400
    assert api.get(f"{V1}{stored['id']}/").json() | {"earlier": 0} == stored
    assert Applicant.objects.get().inputs["LoanAmount"] == application["LoanAmount"]
    assert Prediction.objects.count() == 1
