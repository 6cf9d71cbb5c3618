"""Signing in and out, and being locked out."""

import pytest
from django.test import Client

from predictions.roles import Role
from predictions.tests.conftest import PASSWORD

PAGES = ["/", "/score/", "/predictions/1/", "/history/"]


@pytest.fixture
def officer(user_with):
    return user_with(Role.OFFICER)


def sign_in(client, password=PASSWORD, name="officer", **data):
    return client.post("/login/", {"username": name, "password": password, **data})


@pytest.mark.parametrize("page", PAGES)
def test_every_page_asks_strangers_to_sign_in(client, page):
    assert client.get(page).headers["Location"] == f"/login/?next={page}"


@pytest.mark.django_db
def test_a_stranger_can_post_nothing_to_the_form(client, entries):
    assert client.post("/score/", entries).headers["Location"] == "/login/?next=/score/"


def test_signing_in_leads_to_the_desk(client, officer):
    assert sign_in(client).headers["Location"] == "/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client, officer):
    assert sign_in(client, next="/history/").headers["Location"] == "/history/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_signing_in_never_leads_to_another_site(client, officer, elsewhere):
    assert sign_in(client, next=elsewhere).headers["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_name(client, officer):
    page = sign_in(client, password="wrong").content.decode()
    assert "password is wrong" in page
    assert 'value="officer"' in page


def test_signing_in_rotates_the_session(client, officer):
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before


def test_five_wrong_passwords_lock_the_account_with_a_page(client, officer):
    replies = [sign_in(client, password="wrong") for _ in range(5)]
    assert replies[-1].status_code == 429
    assert "Too many failed sign-ins" in replies[-1].content.decode()


def test_a_locked_account_stays_locked_for_the_right_password(client, officer):
    for _ in range(5):
        sign_in(client, password="wrong")
    assert sign_in(client).status_code == 429


def test_a_made_up_forwarding_header_does_not_open_the_lock(client, officer):
    for _ in range(5):
        sign_in(client, password="wrong")
    client.defaults["HTTP_X_FORWARDED_FOR"] = "203.0.113.9"
    assert sign_in(client).status_code == 429


def test_the_lock_page_escapes_the_name(client, officer):
    for _ in range(5):
        page = sign_in(client, name="<b>x</b>", password="wrong").content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x" not in page


def test_signing_out_takes_a_post(client_of):
    client = client_of(Role.OFFICER)
    assert client.get("/logout/").headers["Location"] == "/"
    assert client.get("/").status_code == 200
    client.post("/logout/")
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("form", ["/login/", "/score/", "/logout/"])
def test_no_form_is_taken_without_its_csrf_token(user_with, form):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user_with(Role.OFFICER))
    reply = strict.post(form, {"username": "officer", "password": PASSWORD})
    assert reply.status_code == 403
    assert "You signed in or out in another tab" in reply.content.decode()
