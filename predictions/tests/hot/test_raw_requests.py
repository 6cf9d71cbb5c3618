"""Bytes of a socket: a whole plain call is read as gunicorn and Django would; any other is left to them."""

import pytest

from predictions.hot import RestIsMissing
from predictions.hot.raw_requests import RawReader

LINE = "POST /api/v1/predictions/ HTTP/1.1"
HEAD = {
    "Host": "localhost:8000",
    "Authorization": "Token 0123abcd",
    "Content-Type": "application/json",
    "Content-Length": "2",
}


def as_bytes(headers, body=b"{}", line=LINE):
    lines = [line, *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def read(data, by_trusted_proxy=False):
    return RawReader().read(data, by_trusted_proxy=by_trusted_proxy)


def test_a_whole_call_is_read():
    request, body = read(as_bytes(HEAD | {"X-Request-ID": "a-1", "User-Agent": "x", "Accept": "*/*"}))
    assert (request.token, request.length, request.request_id, body) == (b"0123abcd", 2, "a-1", b"{}")


def test_a_head_that_comes_again_is_of_another_request():
    reader = RawReader()
    (first, _), (second, body) = (
        reader.read(as_bytes(HEAD, content), by_trusted_proxy=False) for content in (b"{}", b"[]")
    )
    assert (first.token, first.length) == (second.token, second.length)
    assert first.request_id != second.request_id
    assert body == b"[]"


def test_a_remembered_head_says_nothing_of_another_sender():
    reader, data = RawReader(), as_bytes(HEAD | {"X-Forwarded-Proto": "https"})
    trusted, other = (reader.read(data, by_trusted_proxy=trusted) for trusted in (True, False))
    assert (trusted.request.secure, other.request.secure) == (True, False)


def test_names_of_headers_may_have_any_case_and_no_space():
    data = as_bytes(HEAD).replace(b"Content-Type: ", b"content-TYPE:")
    assert read(data).body == b"{}"


@pytest.mark.parametrize("end", [40, 60, len(as_bytes(HEAD)) - 2, len(as_bytes(HEAD)) - 1])
def test_the_rest_of_a_call_is_waited_for(end):
    data = as_bytes(HEAD)[:end]
    with pytest.raises(RestIsMissing):
        read(data)


LEFT = {
    "another method": as_bytes(HEAD, line="PUT /api/v1/predictions/ HTTP/1.1"),
    "another address": as_bytes(HEAD, line="POST /api/v1/predictions/1/ HTTP/1.1"),
    "a parameter": as_bytes(HEAD, line="POST /api/v1/predictions/?atomic=true HTTP/1.1"),
    "HTTP/1.0": as_bytes(HEAD, line="POST /api/v1/predictions/ HTTP/1.0"),
    "a second request behind it": as_bytes(HEAD, b"{}GET / HTTP/1.1\r\n"),
    "chunks": as_bytes(HEAD | {"Transfer-Encoding": "chunked"}),
    "chunks without a length": as_bytes(HEAD | {"Content-Length": "", "Transfer-Encoding": "chunked"}),
    "a length that is none": as_bytes(HEAD | {"Content-Length": "+2"}),
    "a wish to be asked for the body": as_bytes(HEAD | {"Expect": "100-continue"}),
    "a wish to close": as_bytes(HEAD | {"Connection": "close"}),
    "an upgrade": as_bytes(HEAD | {"Upgrade": "h2c"}),
    "a name with a lower line": as_bytes(HEAD | {"X_Forwarded_For": "1.2.3.4"}),
    "an unknown header": as_bytes(HEAD | {"Idempotency-Key": "a"}),
    "a folded line": as_bytes(HEAD | {"User-Agent": "a\r\n b"}),
    "a line without a colon": as_bytes(HEAD).replace(b"\r\n\r\n", b"\r\nX\r\n\r\n"),
    "a space before the colon": as_bytes(HEAD | {"Accept ": "*/*"}),
    "a bare line feed": as_bytes(HEAD | {"User-Agent": "a\nAccept: b"}),
    "a zero byte": as_bytes(HEAD | {"User-Agent": "a\0"}),
    "letters beyond ASCII": as_bytes(HEAD | {"User-Agent": "é"}),
    "a header twice": as_bytes(HEAD).replace(b"\r\n\r\n", b"\r\nHost: localhost\r\n\r\n"),
    "a head that is long": as_bytes(HEAD | {"User-Agent": "a" * 5_000}),
    "no host": as_bytes({name: value for name, value in HEAD.items() if name != "Host"}),
}


@pytest.mark.parametrize("data", LEFT.values(), ids=LEFT)
def test_what_gunicorn_or_django_might_read_otherwise_is_left_to_them(data):
    assert read(data) is None


def test_only_a_trusted_proxy_says_that_a_call_came_by_https():
    data = as_bytes(HEAD | {"X-Forwarded-Proto": "https"})
    assert [read(data, by_trusted_proxy=trusted).request.secure for trusted in (True, False)] == [True, False]


def test_a_call_by_http_is_left_to_django_where_https_is_required(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert read(as_bytes(HEAD)) is None
