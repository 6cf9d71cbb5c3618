"""What the hot path reads of a request: None for one that only Django can judge."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from predictions.requests.bodies import LENGTH
from predictions.requests.middleware import request_id_of

PATH = "/api/v1/predictions/"
_SCHEMES = frozenset({"token", "bearer"})
# What clients send that read any JSON. DRF weighs other headers.
_ACCEPTED = frozenset({"*/*", "application/json", "application/json, text/plain, */*"})
# Headers that Django does not read for such a call, or that are read here. With any other one Django answers.
PASSED = frozenset(
    f"HTTP_{name}"
    for name in (
        *("HOST", "AUTHORIZATION", "ACCEPT", "X_REQUEST_ID", "USER_AGENT", "CONNECTION", "ACCEPT_ENCODING"),
        *("ACCEPT_LANGUAGE", "FORWARDED", "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_FORWARDED_HOST"),
        *("X_FORWARDED_PORT", "X_REAL_IP", "VIA", "TRACEPARENT", "TRACESTATE", "CACHE_CONTROL", "PRAGMA"),
    )
)


class HotRequest(NamedTuple):
    token: bytes
    length: int  # of the body
    request_id: str
    secure: bool

    def named(self) -> "HotRequest":
        """Return the request with an id of its own if the caller gave none."""
        return self._replace(request_id=request_id_of(self.request_id))


def read_request(environ: Mapping[str, Any]) -> HotRequest | None:
    """Read the head of a request."""
    head = read_head(environ)
    return head and head.named()


def read_head(environ: Mapping[str, Any]) -> HotRequest | None:
    """Read the same, with the id as the caller gave it."""
    if (
        environ.get("PATH_INFO") != PATH
        or environ["REQUEST_METHOD"] != "POST"
        or environ.get("QUERY_STRING")
        or environ.get("SCRIPT_NAME")
        or environ.get("CONTENT_TYPE") != "application/json"
        or environ.get("HTTP_ACCEPT", "*/*") not in _ACCEPTED
        or settings.THROTTLE is not None
        or not all(map(PASSED.__contains__, (name for name in environ if name.startswith("HTTP_"))))
    ):
        return None
    length, token, secure = _length(environ), _token(environ), _is_secure(environ)
    if not length or not token or not _is_known_host(environ) or secure < settings.SECURE_SSL_REDIRECT:
        return None
    return HotRequest(token, length, environ.get("HTTP_X_REQUEST_ID", ""), secure)


def _length(environ: Mapping[str, Any]) -> int:
    """Return the length of the body; 0 if it cannot be read or is too long."""
    text = environ.get("CONTENT_LENGTH", "")
    length = int(text) if LENGTH.match(text) else 0
    return length if length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE else 0


def _token(environ: Mapping[str, Any]) -> bytes:
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    plain = scheme.lower() in _SCHEMES and token.isalnum() and token.isascii()
    return token.encode() if plain else b""


def _is_secure(environ: Mapping[str, Any]) -> bool:
    """Return what Django's `request.is_secure` would."""
    name, value = settings.SECURE_PROXY_SSL_HEADER or ("", "")
    if name in environ:
        return environ[name].partition(",")[0].strip() == value
    return environ["wsgi.url_scheme"] == "https"


def _is_known_host(environ: Mapping[str, Any]) -> bool:
    domain, _ = split_domain_port(environ.get("HTTP_HOST", ""))
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
