"""A call that is sent to the address without its last slash, or without https, is never lost."""

import pytest

from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.api.test_input_bodies import V1
from predictions.tests.helpers.addresses import examples
from predictions.tests.helpers.api import ApiClient

WITH_SLASH = [path for path in examples() if path.endswith("/") and path not in ("/", "/predict/")]


@pytest.fixture
def admin(client_of, active_version):
    return client_of(Role.ADMIN)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_address_without_its_last_slash_keeps_method_and_query(admin, method):
    assert len(WITH_SLASH) > 100
    lost = []
    for path in WITH_SLASH:
        reply = admin.generic(method, f"{path[:-1]}?x=%25&y=1", "{}", "application/json")
        if (reply.status_code, reply.headers.get("Location")) != (308, f"{path}?x=%25&y=1"):
            lost.append((path, reply.status_code))
    assert lost == []


@pytest.mark.parametrize("path", ["/api/v1/predictions", "/api/v1/batches", "/api/v1/models/1/activate"])
def test_a_program_that_does_not_follow_reads_the_address_in_json(admin, path):
    reply = admin.post(f"{path}?atomic=true", "{}", "application/json")
    [error] = reply.json()["errors"]
    assert (error["code"], f"{path}/?atomic=true" in error["detail"]) == ("moved", True)
    assert reply.headers["Content-Length"] == str(len(reply.content))


def test_a_client_that_follows_stores_its_row(active_version, user_with, application):
    caller = ApiClient(user_with(Role.API_CLIENT))
    reply = caller._client.post(V1[:-1], application, "application/json", headers=caller.headers, follow=True)
    assert (reply.status_code, Prediction.objects.count()) == (201, 1)


@pytest.mark.parametrize("path", [V1, "/predict", "/login/"])
def test_a_call_without_https_keeps_its_method(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    reply = client.post(f"{path}?x=1", "{}", "application/json")
    assert (reply.status_code, reply.headers["Location"]) == (308, f"https://testserver{path}?x=1")


def test_a_page_is_looked_up_with_a_plain_redirect(admin):
    assert admin.get("/history?outcome=denied").status_code == 301
