"""`earlier`: how often an application was scored before."""

import unicodedata

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient

URL = "/api/v1/predictions/"


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.API_CLIENT))


def test_the_reply_to_one_application_counts_its_earlier_predictions(api, application):
    assert [api.post(URL, application).json()["earlier"] for _ in range(3)] == [0, 1, 2]


def test_all_spellings_of_an_id_are_one_application(api, application):
    ids = [unicodedata.normalize(form, "Zoë-1") for form in ("NFC", "NFD")]
    api.post(URL, application | {"Loan_ID": "A"})
    Prediction.objects.update(loan_id=ids[1])  # as before texts were composed
    assert [api.post(URL, application | {"Loan_ID": text}).json()["earlier"] for text in ids] == [1, 2]


def test_the_application_of_another_account_does_not_count(api, application, user_with):
    ApiClient(user_with(Role.API_CLIENT, "zoe")).post(URL, application)
    assert api.post(URL, application).json()["earlier"] == 0


def test_an_array_has_it_where_the_call_asks_for_it(api, application):
    rows = [application, application | {"Loan_ID": "B", "LoanAmount": 120}]
    api.post(URL, application)
    assert not any("earlier" in row for row in api.post(URL, rows).json()["predictions"])
    reply = api.post(f"{URL}?earlier=true", rows).json()
    assert [row["earlier"] for row in reply["predictions"]] == [2, 1]


def test_an_array_pays_one_query_for_it_and_none_without(api, application, django_assert_num_queries):
    rows = [application | {"Loan_ID": f"A{number}"} for number in range(40)]
    api.post(URL, rows)  # what a process asks once
    with CaptureQueriesContext(connection) as without:
        api.post(URL, rows)
    with django_assert_num_queries(len(without) + 1):
        api.post(f"{URL}?earlier=true", rows)


def test_a_replayed_reply_repeats_it(api, application):
    api.post(URL, application)
    assert [api.post(URL, application, key="k").json()["earlier"] for _ in range(2)] == [1, 1]


def test_what_is_no_flag_is_refused(api, application):
    reply = api.post(f"{URL}?earlier=perhaps", [application])
    assert (reply.status_code, reply.json()["errors"][0]["attr"]) == (400, "earlier")
