"""What the headers say of a body, at both doors: length, limit, type, charset, encoding."""

import gzip
import io
import json

import pytest

from predictions.roles import Role
from predictions.tests.api.test_input_bodies import DOORS, RawClient, refusal

CONTENT_TYPES = {
    "",
    "text/plain",
    "text/csv",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/jsonx",
    "application/json, text/plain",
    "*/*",
    *[f"application/json; charset={name}" for name in ("bogus", "utf-16", "latin-1", "rot13", "base64", "")],
}


@pytest.fixture
def raw(active_version, user_with):
    return RawClient(user_with(Role.API_CLIENT))


@pytest.fixture
def body(application):
    return json.dumps([application]).encode()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("content_type", sorted(CONTENT_TYPES))
def test_what_does_not_claim_to_be_json_in_utf_8_is_refused(raw, door, body, content_type):
    [error] = refusal(raw.post(door, body, content_type), 415)
    assert "application/json" in error["detail"] or "UTF-8" in error["detail"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP"])
def test_a_content_encoding_is_refused(raw, door, body, encoding):
    [error] = refusal(raw.post(door, gzip.compress(body), HTTP_CONTENT_ENCODING=encoding), 415)
    assert "Content-Encoding" in error["detail"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("length", ["", "abc", "-1", "1_0", "9" * 5000])
def test_a_body_without_a_plain_length_is_refused(raw, door, body, length):
    [error] = refusal(raw.post(door, body, CONTENT_LENGTH=length), 411)
    assert error["code"] == "length_required"


@pytest.mark.parametrize("door", DOORS)
def test_a_chunked_body_is_refused(raw, door, body):
    refusal(raw.post(door, body, HTTP_TRANSFER_ENCODING="chunked"), 411)


@pytest.mark.parametrize("door", DOORS)
def test_a_body_that_breaks_off_is_refused(raw, door):
    class Gone(io.BytesIO):
        def read(self, size=-1):
            raise ConnectionResetError

    refusal(raw.post(door, b"", CONTENT_LENGTH="5", **{"wsgi.input": Gone()}), 400)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_a_body_over_the_limit_is_refused(raw, door, body, settings, content_type):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(body) - 1
    [error] = refusal(raw.post(door, body, content_type), 413)
    assert (error["code"], f"{len(body) - 1:,} bytes" in error["detail"]) == ("too_large", True)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("parameter", ["", ";charset=UTF-8", '; charset="utf-8"', "; charset=utf8"])
def test_utf_8_may_be_named(raw, door, body, parameter):
    assert raw.post(door, body, f"application/json{parameter}").status_code == 200


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 64, "0123456789abcdef" * 2, "my-batch-1-0"])
def test_a_plain_request_id_is_given_back(raw, given):
    assert raw.post(DOORS[0], b"", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a b", "<script>", "a\nb", "\xe9", "x" * 65])
def test_another_request_id_is_replaced(raw, given):
    made = raw.post(DOORS[0], b"", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"]
    assert made != given
    assert len(made) == 18


def test_a_request_id_that_looks_like_one_of_ours_is_replaced(raw):
    made = raw.post(DOORS[0], b"").headers["X-Request-ID"]
    for given in (made, made.lower(), "batch-1-0", "BATCH-1-0", "demo-7"):
        assert raw.post(DOORS[0], b"", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"] not in (given, made)
