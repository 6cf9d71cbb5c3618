"""The same call on the hot path and through Django: equal status, bytes, headers, rows and audit."""

import json

import pytest
from knox.models import AuthToken

from predictions.live.process_state import reset_process_state
from predictions.roles import Role
from predictions.services.accounts import create_token
from predictions.tests.conftest import APPLICATION
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.hot import DOUBT, HotSite, masked, undone


@pytest.fixture
def site(active_version, user_with):
    return HotSite(create_token(user=user_with(Role.API_CLIENT)))


def changed(**values):
    return APPLICATION | values


def many(number, **values):
    return [changed(Loan_ID=f"LP{row}", **values) for row in range(number)]


INCOMES = ("ApplicantIncome", "CoapplicantIncome")
WITHOUT_ID = {name: value for name, value in APPLICATION.items() if name != "Loan_ID"}
REQUIRED = {name: APPLICATION[name] for name in ("Education", "Property_Area", *INCOMES)}
TAKEN = {
    "one application": APPLICATION,
    "a denied one": changed(Credit_History=0),
    "one without a Loan_ID": WITHOUT_ID,
    "one with required fields alone": REQUIRED,
    "one with gaps": changed(Credit_History=None, LoanAmount=None),
    "one with a remark, which is referred": changed(ApplicantIncome=90_000),
    "an array": many(3),
    "an array of one": many(1),
    "an array of more rows than one statement takes": many(60),
    "an array with referred rows": [*many(2), changed(ApplicantIncome=90_000)],
    "an array of gaps": many(3, Credit_History=None),
}
LEFT = {
    "a faulty application": changed(Property_Area="Moon"),
    "a Loan_ID of other letters": changed(Loan_ID="ÄÖ/1"),
    "an unknown field": changed(Educaton="Graduate"),
    "an array with a faulty row": [*many(2), changed(Property_Area="Moon")],
    "an array without a good row": [changed(ApplicantIncome=-1)],
    "an array that repeats a Loan_ID": [APPLICATION, APPLICATION, changed(Loan_ID="B")],
    "an array of rows without Loan_ID": [WITHOUT_ID, WITHOUT_ID],
    "an empty array": [],
    "a text": "LP1",
    "a number": 5,
    "minus zero": changed(CoapplicantIncome=-0.0),
    "a text for a number": changed(ApplicantIncome="5720"),
}
RAW = {
    "no JSON": b"{",
    "a key twice": b'{"Loan_ID":"A",' + json.dumps(APPLICATION).encode()[1:],
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(APPLICATION).encode(),
    "nothing": b"",
}


# Each test sends many calls: preparing a site takes longer than sending them.
def test_valid_calls_are_answered_alike(site):
    for name, document in TAKEN.items():
        django, hot = site.both_taken(json.dumps(document).encode())
        assert (name, hot) == (name, django)
        assert django.status in ("200 OK", "201 Created")


def test_calls_that_are_answered_together_are_answered_as_by_django(site):
    documents = [
        APPLICATION,
        changed(Loan_ID="B", Credit_History=0),
        many(2),
        changed(ApplicantIncome=90_000),
    ]
    bodies = [json.dumps(document).encode() for document in documents]
    with undone():
        one_by_one = [site.send(body, **DOUBT) for body in bodies]
    with undone():
        together = site.between(*bodies)
    assert [answer.body for answer in together] == [masked(answer).body for answer in one_by_one]
    assert [json.loads(answer.body).get("earlier") for answer in together] == [0, 0, None, 1]


def test_rows_of_an_array_are_earlier_than_a_call_that_is_stored_with_it(site):
    documents = [APPLICATION, [APPLICATION, changed(Loan_ID="B")], APPLICATION, changed(Loan_ID="B")]
    answers = site.between(*(json.dumps(document).encode() for document in documents))
    assert [json.loads(answer.body).get("earlier") for answer in answers] == [0, None, 2, 1]


def test_calls_that_need_the_careful_reader_are_left_to_django(site):
    bodies = {name: json.dumps(document).encode() for name, document in LEFT.items()} | RAW
    for name, body in bodies.items():
        django, hot = left_to_django(site, body)
        assert (name, hot) == (name, django)


HEADS = {
    "another content type": {"CONTENT_TYPE": "text/plain"},
    "a charset": {"CONTENT_TYPE": "application/json; charset=utf-16"},
    "an encoding": {"HTTP_CONTENT_ENCODING": "gzip"},
    "no length": {"CONTENT_LENGTH": ""},
    "a length that is none": {"CONTENT_LENGTH": "1e3"},
    "a body in chunks": {"HTTP_TRANSFER_ENCODING": "chunked"},
    "a body that ends early": {"CONTENT_LENGTH": "5000"},
    "another way to accept": {"HTTP_ACCEPT": "text/html"},
    "an unknown parameter": {"QUERY_STRING": "atomi=true"},
    "a parameter": {"QUERY_STRING": "validate_only=true"},
    "another host": {"HTTP_HOST": "example.org"},
    "an unknown token": {"HTTP_AUTHORIZATION": "Token 0123456789abcdef"},
    "no token": {"HTTP_AUTHORIZATION": ""},
    "another scheme": {"HTTP_AUTHORIZATION": "Basic YTpi"},
    "a cookie": {"HTTP_COOKIE": "sessionid=x"},
    "another method": {"REQUEST_METHOD": "PUT"},
    "another address": {"PATH_INFO": "/api/v1/predictions"},
}


def test_heads_in_doubt_are_left_to_django(site):
    for name, environ in HEADS.items():
        django, hot = left_to_django(site, json.dumps(APPLICATION).encode(), **environ)
        assert (name, hot) == (name, django)


def left_to_django(site, body, **environ):
    """Send a call both ways once; the hot path may not answer it."""
    answers = site.both(body, **environ)
    assert site.passage.calls == 0
    return answers


def test_a_key_is_left_to_django_and_kept(site):
    body = json.dumps(APPLICATION).encode()
    first, again = (site.send(body, HTTP_IDEMPOTENCY_KEY="a") for _ in range(2))
    assert (again.body, dict(again.headers)["Idempotent-Replay"]) == (first.body, "true")


def test_both_words_for_a_token_are_understood(site):
    for scheme in ("token", "Bearer"):
        environ = {"HTTP_AUTHORIZATION": f"{scheme} {site.token}"}
        django, hot = site.both_taken(json.dumps(APPLICATION).encode(), **environ)
        assert hot == django


def test_a_callers_request_id_is_given_back(site):
    django, hot = site.both_taken(json.dumps(APPLICATION).encode(), HTTP_X_REQUEST_ID="a-1")
    assert hot.document["request_id"] == "a-1"
    assert hot == django


@pytest.fixture
def site_of_staff(active_version, user_with):
    return HotSite(create_token(user=user_with(Role.OFFICER)))


def test_the_staff_are_answered_alike(site_of_staff):
    for document in (APPLICATION, many(3)):
        django, hot = site_of_staff.both_taken(json.dumps(document).encode())
        assert hot == django


def test_an_id_of_another_officer_is_refused_alike(site_of_staff, user_with):
    other = ApiClient(user_with(Role.REVIEWER))
    assert other.post("/api/v1/predictions/", APPLICATION).status_code == 201
    for document, status in ((APPLICATION, "409 Conflict"), ([APPLICATION], "400 Bad Request")):
        django, hot = left_to_django(site_of_staff, json.dumps(document).encode())
        assert (django.status, hot) == (status, django)


def test_without_a_model_both_refuse_alike(user_with):
    site = HotSite(create_token(user=user_with(Role.API_CLIENT)))
    django, hot = left_to_django(site, json.dumps(APPLICATION).encode())
    assert (django.status, dict(django.headers)["Retry-After"]) == ("503 Service Unavailable", "30")
    assert hot == django


def test_a_limited_caller_is_left_to_django(site, settings, tmp_path):
    settings.THROTTLE, settings.CALL_TIMES = (1, 60), tmp_path / "calls"
    statuses = [site.send(json.dumps(APPLICATION).encode()).status for _ in range(3)]
    assert [status[:3] for status in statuses] == ["201", "429", "429"]
    assert site.passage.calls == 0


def test_a_revoked_token_is_refused_once_it_is_looked_up_again(site):
    site.warmed()
    AuthToken.objects.all().delete()
    reset_process_state()
    assert site.send(json.dumps(APPLICATION).encode()).status == "401 Unauthorized"
