"""A token after the word Bearer is the same token."""

import pytest
from django.test import Client

from predictions.roles import Role
from predictions.services.accounts import create_token
from predictions.tests.api.test_input_bodies import ARTICLE, V1

BAD = ["Bearer", "Bearer nonsense", "Bearer a b", "Bearer \xe9", "Bearers x"]
READ = ["applicants/", "applications/", "batches/", "decision-codes/", "models/", "predictions/", "queue/"]


@pytest.fixture
def token(active_version, user_with):
    return create_token(user=user_with(Role.ADMIN))


def bearer(token, word="Bearer"):
    return {"Authorization": f"{word} {token}"}


@pytest.mark.parametrize("door", [V1, ARTICLE])
@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER", "Token"])
def test_applications_are_scored_with_either_word(token, application, door, word):
    headers = bearer(token, word)
    assert Client().post(door, [application], "application/json", headers=headers).status_code == 200


@pytest.mark.parametrize("address", READ)
def test_lists_are_read_with_it(token, address):
    assert Client().get(f"/api/v1/{address}", headers=bearer(token)).status_code == 200


def test_a_large_file_is_let_through_with_it(token, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = b"Loan_ID\n" + b"1\n" * 100
    reply = Client().post("/api/v1/batches/", body, "text/csv", headers=bearer(token))
    assert reply.status_code != 413


@pytest.mark.parametrize("door", [V1, ARTICLE])
@pytest.mark.parametrize(
    "credentials", ["Bearer", "Bearer nonsense", "Bearer a b", "Bearer \xe9", "Bearers x"]
)
def test_a_bad_one_is_401_that_names_the_word_token(active_version, application, door, credentials):
    headers = {"Authorization": credentials}
    reply = Client().post(door, [application], "application/json", headers=headers)
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Token")
