"""Bodies that cannot be read, at both doors: refused with the fitting code, as JSON, nothing stored."""

import json

import pytest
from django.test import Client

from predictions.models import Applicant, Prediction
from predictions.roles import Role
from predictions.services.accounts import create_token

V1, ARTICLE = "/api/v1/predictions/", "/predict"
DOORS = [V1, ARTICLE]
NO_NUMBERS = [
    "NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "inf",
    "1_000",
    "\uff11",
    "0x10",
    "+1",
    "01",
    ".5",
    "1.",
    "True",
]
NUMBER = '[{{"LoanAmount": {}}}]'
UNREADABLE = {
    "nothing": b"",
    "blanks": b" \r\n",
    "no JSON": b"Loan_ID=LP001015",
    "cut off": b'[{"Loan_ID": "LP0',
    "two documents": b"[] []",
    "trailing comma": b"[1,]",
    "single quotes": b"[{'Loan_ID': 'L'}]",
    "arrays 100,000 deep": b"[" * 100_000,
    "closed arrays 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "objects 100,000 deep": b'{"a":' * 100_000,
    "UTF-16": '[{"Loan_ID": "é"}]'.encode("utf-16"),
    "UTF-16 without a mark": '[{"Loan_ID": "é"}]'.encode("utf-16-le"),
    "UTF-32": "[]".encode("utf-32"),
    "Latin-1": '[{"Loan_ID": "é"}]'.encode("latin-1"),
    "a raw NUL": b'[{"Loan_ID": "a\x00b"}]',
    "a key twice": b'[{"LoanAmount": 1, "LoanAmount": 2}]',
    "a key twice, escaped": rb'[{"LoanAmount": 1, "Loan\u0041mount": 2}]',
    "5,000 digits": NUMBER.format("9" * 5000).encode(),
    **{number: NUMBER.format(number).encode() for number in NO_NUMBERS},
}
WRONG_SHAPES = ["null", "true", "5", "1e400", '"text"', "[]", "[null]", "[5]", '["LP1"]', "[[]]", "[{}, 1]"]


SHAPES = [
    {"type", "errors"},
    {"status", "message", "errors"},  # the article's
    {"scored", "refused", "predictions", "errors"},  # an array without a good row
]


class RawClient:
    """Posts bytes as they are; what the server is told of them need not be true."""

    def __init__(self, user):
        self.headers = {"Authorization": f"Token {create_token(user=user)}"}

    def post(self, path, body, content_type="application/json", **environ):
        told = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), **environ}
        return Client().generic("POST", path, body, headers=self.headers, **told)


@pytest.fixture
def raw(active_version, user_with):
    return RawClient(user_with(Role.API_CLIENT))


def refusal(response, status):
    """Return the errors of a reply that refuses everything, in one of the promised shapes."""
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/json")
    assert response.headers["X-Request-ID"]
    assert not Prediction.objects.exists()
    assert not Applicant.objects.exists()
    assert len(response.content) < 20_000
    reply = response.json()
    assert reply.keys() in SHAPES
    assert {"code", "detail", "attr"} <= reply["errors"][0].keys()
    return reply["errors"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_not_strict_json_in_utf_8_is_refused(raw, door, name):
    [error] = refusal(raw.post(door, UNREADABLE[name]), 400)
    assert (error["code"], error["attr"]) == ("parse_error", None)
    assert len(error["detail"]) < 200


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("document", WRONG_SHAPES)
def test_json_of_another_shape_is_refused(raw, door, document):
    [error] = refusal(raw.post(door, document), 400)
    assert "expected" in error["detail"] or "cannot be read" in error["detail"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\r\n", b"\xef\xbb\xbf\r\n\t "])
def test_a_byte_order_mark_and_crlf_are_accepted(raw, door, application, mark):
    body = json.dumps([application]).encode().replace(b",", b",\r\n")
    assert raw.post(door, mark + body).status_code == 200
