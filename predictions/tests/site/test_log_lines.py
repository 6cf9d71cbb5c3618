"""The log: one line for what callers do wrong, its request's id in each, and nothing of applicants."""

import io
import logging
import threading

import pytest
from django.db import OperationalError
from django.test import Client

from predictions.errors import as_unavailable
from predictions.log_lines import LineFormatter, end_request
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient

ID = "my-own-id.1"
HEADERS = {"X-Request-ID": ID}


@pytest.fixture
def lines():
    """Read what the site's own handler has written so far: ``lines()``."""
    (handler,) = [one for one in logging.root.handlers if isinstance(one.formatter, LineFormatter)]
    stream = io.StringIO()
    earlier = handler.setStream(stream)
    yield lambda: stream.getvalue().splitlines()
    handler.setStream(earlier)


def forbidden(client_of):
    client_of(Role.OFFICER).get("/policies/change/", headers=HEADERS)


def not_found(client_of):
    client_of(Role.OFFICER).get("/predictions/999/", headers=HEADERS)


def refused_host(client_of):
    Client().get("/login/", headers=HEADERS | {"Host": "evil.example"})


def forged(client_of):
    Client(enforce_csrf_checks=True).post("/login/", {"username": "x"}, headers=HEADERS)


def bad_request(client_of):
    client_of(Role.REVIEWER).get("/history/?after=1&before=2", headers=HEADERS)


def unknown(client_of):
    Client().get("/api/v1/predictions/", headers=HEADERS)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (forbidden, "403 Forbidden: GET policy_change"),
        (not_found, "404 Not Found: GET prediction_detail"),
        (refused_host, "400 Bad Request: GET an unknown address (Invalid HTTP_HOST header: 'evil.example'."),
        (forged, "403 Forbidden: POST login (CSRF cookie not set.)"),
        (bad_request, "400 Bad Request: GET history"),
        (unknown, "401 Unauthorized: GET api_prediction-list"),
    ],
)
def test_an_ordinary_refusal_is_one_line_with_the_requests_id(db, client_of, lines, ask, said):
    ask(client_of)
    (line,) = lines()
    assert said in line
    assert f" {ID} django." in line


def test_an_address_that_does_not_exist_is_not_repeated(db, lines):
    Client().get("/api/v1/predictions/LP001015/", headers=HEADERS)
    Client().get("/LP001015%0aforged line/?loan_id=LP001015", headers=HEADERS)
    assert len(lines()) == 2
    assert "LP001015" not in "".join(lines())


def test_a_forged_forms_page_is_named_by_its_site_only(db, lines):
    page = "https://evil.example/LP001015?loan_id=LP001015"
    client = Client(enforce_csrf_checks=True, headers={"Referer": page, "X-Forwarded-Proto": "https"})
    client.post("/login/", {"username": "x"}, secure=True)
    (line,) = lines()
    assert "https://evil.example does not match any trusted origins" in line


def test_a_503_names_its_cause_and_its_request(db, user_with, application, lines):
    api = ApiClient(user_with(Role.OFFICER))
    reply = api.post("/api/v1/predictions/", application)
    assert reply.status_code == 503
    cause = lines()[0]
    assert "Unavailable: NoActiveModel: No model is active." in cause
    assert reply.headers["X-Request-ID"] in cause
    assert all(reply.headers["X-Request-ID"] in line for line in lines())


def test_a_503_of_the_database_names_the_drivers_words(lines):
    error = OperationalError("database is locked\nDETAIL: row (LP001015)")
    assert as_unavailable(error).code == "unavailable"
    assert "Unavailable: OperationalError: database is locked" in lines()[0]
    assert "LP001015" not in lines()[0]


def test_a_fault_of_the_site_keeps_its_traceback_without_the_rows_values(lines):
    row = "LP001015"
    try:
        raise ValueError(f"broken\nDETAIL:  Failing row contains ({row}).")
    except ValueError:
        logging.getLogger("django.request").exception("x", extra={"status_code": 500})
    text = "\n".join(lines())
    assert "Traceback" in text
    assert "LP001015" not in text


def test_a_line_outside_a_request_says_so(lines):
    end_request()
    logging.getLogger("predictions").warning("two\nlines")
    (line,) = lines()
    assert line.endswith("WARNING - predictions two lines")


def test_threads_do_not_share_a_requests_id(db, lines):
    Client().get("/nowhere", headers=HEADERS)
    thread = threading.Thread(target=logging.getLogger("predictions").warning, args=["elsewhere"])
    thread.start()
    thread.join()
    assert lines()[-1].endswith("WARNING - predictions elsewhere")
