"""The article's endpoint: its three modes, its wire format, and strings that hold arrays."""

import json

import pytest
from django.test import Client

from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.api.test_input_bodies import ARTICLE, V1, refusal
from predictions.tests.helpers.api import ApiClient

BAD_CREDENTIALS = [
    "",
    "Token",
    "Token ",
    "Token a b",
    "Token x",
    "Bearer x",
    "Basic eDp5",
    "Token \xc3\xa9",
    "Token \xff",
]
TEXT_400 = "Bad Request: http://testserver/predict--> Please check your data payload..."
NO_ARRAYS = [
    "",
    " ",
    "null",
    "{}",
    "[]",
    "[null]",
    "NaN",
    "[" * 100_000,
    '[{"a":1,"a":2}]',
    "[{}] x",
    "\ufeff[]",
]


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.API_CLIENT))


@pytest.fixture
def mode(settings):
    def switch(to):
        settings.ARTICLE_ENDPOINT = to

    return switch


def times_encoded(document, times):
    for _ in range(times):
        document = json.dumps(document)
    return document


def test_the_reply_is_a_string_of_one_entry_per_row_in_order(api, application):
    rows = [application, application | {"Loan_ID": "É<b>", "Credit_History": 0}]
    reply = api.post(ARTICLE, rows).json()
    assert reply == {"predictions": '[{"0":"LP001015","1":1},{"0":"É<b>","1":0}]'}


@pytest.mark.parametrize("times", [1, 2])
def test_an_array_may_be_encoded_once_more(api, application, times):
    assert api.post(ARTICLE, times_encoded([application], times)).status_code == 200


@pytest.mark.parametrize("times", [3, 4])
def test_an_array_that_is_encoded_twice_more_is_refused(api, application, times):
    [error] = refusal(api.post(ARTICLE, times_encoded([application], times)), 400)
    assert error["detail"].startswith("This is JSON within a JSON text; send the JSON itself")


@pytest.mark.parametrize("times", [2, 3])
def test_the_api_takes_no_array_in_a_string(api, application, times):
    [error] = refusal(api.post(V1, times_encoded([application], times)), 400)
    assert error["detail"].startswith("This is JSON within a JSON text; send the JSON itself")


@pytest.mark.parametrize("text", NO_ARRAYS)
def test_a_string_that_holds_no_strict_array_of_rows_is_refused(api, text):
    refusal(api.post(ARTICLE, json.dumps(text)), 400)


@pytest.mark.parametrize("body", [" ", "[]", "nonsense", [{"Loan_ID": "A"}]])
def test_a_refusal_has_the_articles_words_and_errors_beside_them(api, body):
    response = api.post(ARTICLE, body)
    refusal(response, 400)
    assert response.json().keys() == {"status", "message", "errors"}
    assert (response.json()["status"], response.json()["message"]) == (400, TEXT_400)


@pytest.mark.parametrize("path", [ARTICLE, "/predict/", V1])
@pytest.mark.parametrize("credentials", BAD_CREDENTIALS)
def test_bad_credentials_are_401_with_the_scheme_to_use(active_version, application, path, credentials):
    headers = {"Authorization": credentials}
    response = Client().post(path, [application], "application/json", headers=headers)
    refusal(response, 401)
    assert response.headers["WWW-Authenticate"] == "Token"


def test_credentials_are_checked_before_the_body_is_read(active_version):
    refusal(ApiClient().post(ARTICLE, "nonsense"), 401)


@pytest.mark.parametrize("role", [Role.MODEL_MANAGER, Role.AUDITOR])
def test_who_may_not_score_is_refused(active_version, user_with, application, role):
    refusal(ApiClient(user_with(role)).post(ARTICLE, [application]), 403)


def test_a_session_without_a_csrf_token_is_refused(active_version, user_with, application):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user_with(Role.OFFICER))
    refusal(browser.post(ARTICLE, [application], "application/json"), 403)


@pytest.mark.parametrize("credentials", BAD_CREDENTIALS)
def test_an_open_endpoint_looks_at_no_credentials(active_version, mode, application, credentials):
    mode("open")
    headers = {"Authorization": credentials}
    assert Client().post(ARTICLE, [application], "application/json", headers=headers).status_code == 200


def test_rows_of_an_open_endpoint_are_the_article_users_whoever_asks(api, mode, application):
    mode("open")
    api.post(ARTICLE, [application])
    assert Prediction.objects.get().owner.username == "article"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", [ARTICLE, "/predict/"])
def test_an_endpoint_that_is_off_is_not_there(api, mode, path, method):
    mode("off")
    refusal(api.send(method, path), 404)


def test_an_endpoint_that_is_off_is_not_there_without_credentials_either(active_version, mode, application):
    mode("off")
    refusal(ApiClient().post(ARTICLE, [application]), 404)
