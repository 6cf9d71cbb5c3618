"""Idempotency-Key: a call that is sent again is answered again, and done once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from predictions.models import KeptAnswer, Prediction
from predictions.roles import Role
from predictions.services.writing.locks import key_lock
from predictions.tests.helpers.api import ApiClient

URL = "/api/v1/predictions/"


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.API_CLIENT))


def test_a_retry_gets_the_first_answer_and_stores_nothing(api, application):
    first, second = (api.post(URL, application, key="k-1") for _ in range(2))
    assert (second.status_code, second.content) == (201, first.content)
    assert (second["Idempotent-Replay"], "Idempotent-Replay" in first) == ("true", False)
    assert Prediction.objects.count() == 1


def test_an_array_is_answered_again_to_the_byte(api, application):
    first, second = (api.post(URL, [application], key="k-1") for _ in range(2))
    assert (second.status_code, second.content) == (200, first.content)


def test_the_articles_endpoint_takes_a_key_too(api, application):
    first, second = (api.post("/predict", [application], key="k-1") for _ in range(2))
    assert (second.content, Prediction.objects.count()) == (first.content, 1)


def test_a_key_with_another_body_is_refused(api, application):
    api.post(URL, application, key="k-1")
    reply = api.post(URL, application | {"LoanAmount": 111}, key="k-1")
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")


def test_a_key_with_another_address_is_refused(api, application):
    api.post(URL, [application], key="k-1")
    assert api.post(f"{URL}?atomic=true", [application], key="k-1").status_code == 422


def test_keys_of_two_callers_are_apart(api, application, user_with):
    other = ApiClient(user_with(Role.API_CLIENT, "other"))
    assert [one.post(URL, application, key="k-1").status_code for one in (api, other)] == [201, 201]
    assert Prediction.objects.count() == 2


def test_a_refused_call_may_be_mended_under_its_key(api, application):
    assert api.post(URL, application | {"LoanAmount": -1}, key="k-1").status_code == 400
    assert api.post(URL, application, key="k-1").status_code == 201


def test_a_call_that_is_still_running_is_not_begun_again(api, application):
    with key_lock(f"{api.user.pk} k-1"):
        reply = api.post(URL, application, key="k-1")
    assert (reply.status_code, reply["Retry-After"]) == (409, "1")
    assert reply.json()["errors"][0]["code"] == "idempotency_key_in_use"


def test_an_answer_is_kept_for_a_day(api, application):
    api.post(URL, application, key="k-1")
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=24, seconds=1))
    assert api.post(URL, application, key="k-1")["X-Request-ID"]
    assert Prediction.objects.count() == 2


@pytest.mark.parametrize("key", ["", "k" * 256, "kä"])
def test_a_key_that_is_none_is_refused_by_name(api, application, key):
    reply = api.post(URL, application, key=key)
    assert (reply.status_code, reply.json()["errors"][0]["attr"]) == (400, "Idempotency-Key")
    assert not Prediction.objects.exists()


def test_bad_input_is_refused_as_without_a_key(api):
    assert api.post(URL, "{", key="k-1").json() == api.post(URL, "{").json()
