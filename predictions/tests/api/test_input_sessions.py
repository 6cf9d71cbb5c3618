"""The API by session: a body is read by the same rules, though Django looks for a CSRF token first."""

import json

import pytest
from django.test import Client

from predictions.roles import Role
from predictions.tests.api.test_input_bodies import DOORS, UNREADABLE, refusal

FORM = "application/x-www-form-urlencoded"
FORMS = [FORM, "multipart/form-data; boundary=x", "multipart/form-data", f"{FORM}; charset=utf-16"]


@pytest.fixture
def send(active_version, user_with):
    """Post bytes as a signed-in officer whose page has a CSRF token."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user_with(Role.OFFICER))
    browser.get("/score/")
    headers = {"X-CSRFToken": browser.cookies["csrftoken"].value}

    def post(path, body, content_type="application/json"):
        told = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
        return browser.generic("POST", path, body, headers=headers, **told)

    return post


@pytest.mark.parametrize("door", DOORS)
def test_a_session_scores_with_its_csrf_token(send, door, application):
    assert send(door, json.dumps([application])).status_code == 200


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_not_strict_json_in_utf_8_is_refused_as_by_token(send, door, name):
    [error] = refusal(send(door, UNREADABLE[name]), 400)
    assert error["code"] == "parse_error"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("content_type", FORMS)
def test_a_form_is_refused_and_never_read(send, door, content_type):
    refusal(send(door, "&".join(["a=1"] * 1001), content_type), 415)


@pytest.mark.parametrize("door", DOORS)
def test_a_body_over_the_limit_is_refused(send, door, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    refusal(send(door, "[" + " " * 100), 413)
