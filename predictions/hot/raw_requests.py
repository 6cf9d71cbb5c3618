"""Requests as they come from a socket. What gunicorn might read otherwise is left to gunicorn."""

from typing import NamedTuple

from predictions.hot import RestIsMissing
from predictions.hot.requests import PASSED, PATH, HotRequest, read_head

MAX_HEAD = 4_000  # bytes: gunicorn's limits are higher
MAX_KNOWN = 250  # heads, so a megabyte at most
_START = b"POST %b HTTP/1.1\r\n" % PATH.encode()
_KEYS = {name.removeprefix("HTTP_").replace("_", "-").lower().encode(): name for name in PASSED} | {
    b"content-type": "CONTENT_TYPE",
    b"content-length": "CONTENT_LENGTH",
}
del _KEYS[b"connection"]  # gunicorn closes where it asks for that


class RawCall(NamedTuple):
    request: HotRequest
    body: bytes


class RawReader:
    """Reads requests, and remembers heads: a client sends the same one again and again."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bool], HotRequest | None] = {}

    def read(self, data: bytes, *, by_trusted_proxy: bool) -> RawCall | None:
        """Read one whole request; None in doubt.

        Parameters
        ----------
        by_trusted_proxy : bool
            Whether gunicorn believes the sender's X-Forwarded-Proto.

        Raises
        ------
        RestIsMissing
        """
        if not data.startswith(_START):
            return None
        end = data.find(b"\r\n\r\n", 0, MAX_HEAD)
        if end < 0:
            if len(data) < MAX_HEAD:
                raise RestIsMissing
            return None
        request, body = self._head(data[len(_START) : end], by_trusted_proxy), data[end + 4 :]
        if request is None or len(body) > request.length:
            return None
        if len(body) < request.length:
            raise RestIsMissing
        return RawCall(request.named(), body)

    def _head(self, lines: bytes, by_trusted_proxy: bool) -> HotRequest | None:
        key = lines, by_trusted_proxy
        if key not in self._known:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[key] = _read_head(lines, by_trusted_proxy)
        return self._known[key]


def _read_head(lines: bytes, by_trusted_proxy: bool) -> HotRequest | None:
    environ = _environ(lines)
    if environ is None:
        return None
    if by_trusted_proxy and environ.get("HTTP_X_FORWARDED_PROTO") == "https":
        environ["wsgi.url_scheme"] = "https"
    return read_head(environ)


def _environ(lines: bytes) -> dict[str, str] | None:
    """Return known headers as WSGI names them; None of a head with a line that is not plain."""
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": PATH, "wsgi.url_scheme": "http"}
    if not lines.isascii():
        return None
    for line in lines.split(b"\r\n"):
        name, _, value = line.partition(b":")
        key, text = _KEYS.get(name.lower()), value.strip(b" \t").decode()
        if key is None or key in environ or not text.isprintable():
            return None
        environ[key] = text
    return environ
