"""The hot path as a part of the WSGI application: it answers a request, or leaves it to Django."""

import time
from collections.abc import Callable
from http.client import responses
from io import BytesIO
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError, close_old_connections

from predictions.api.calls.access import remembered_user
from predictions.api.calls.body import FAILURE
from predictions.errors import Unavailable
from predictions.hot.calls import may_score, read_call
from predictions.hot.passage import Passage
from predictions.hot.requests import HotRequest, read_request
from predictions.log_lines import begin_request, end_request
from predictions.models.querysets import AnyUser
from predictions.services.writing.checkpoints import checkpoint_if_due
from predictions.services.writing.group_commit import store_together
from predictions.services.writing.locks import large_call_lock

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
_OWN = ("x-request-id", "content-length")  # headers that each reply has for itself


class Reply(NamedTuple):
    status: str
    headers: Headers
    body: bytes


class HotPath:
    """Answers calls with the headers of Django's last reply to such a call."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self._headers: dict[bool, Headers] = {}  # by whether the call came by https

    read = staticmethod(read_request)

    def learning(self, request: HotRequest, start_response: StartResponse) -> StartResponse:
        """Return a `start_response` that takes note of the headers of Django's reply."""

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            if status in (_line(200), _line(201)) and not any(name == "Set-Cookie" for name, _ in headers):
                self._headers[request.secure] = list(headers)
            return start_response(status, headers, *rest)

        return start

    def answer(self, request: HotRequest, environ: dict[str, Any]) -> Reply | None:
        """Score, store and return the reply.

        None leaves the request to Django, as it came. Nothing is stored then, unless `environ` has a failure,
        which the view raises.
        """
        user = remembered_user(request.token)
        if user is None or request.secure not in self._headers:
            return None
        body = _read_body(request, environ)
        begin_request(request.request_id)
        try:
            with large_call_lock(request.length):
                return None if body is None else self._answer(request, user, body, environ)
        except (Unavailable, OperationalError, InterfaceError) as error:
            environ[FAILURE] = error
        except Exception:  # - nothing is stored yet; Django tries, and reports what is wrong
            return None
        finally:
            end_request()
        return None

    def _answer(
        self, request: HotRequest, user: AnyUser, body: bytes, environ: dict[str, Any]
    ) -> Reply | None:
        started = time.monotonic()
        close_old_connections()
        if not may_score(user) or not self.passage.admits(request, user):
            return None
        call = read_call(request, user, body)
        if call is None:
            return None
        scored = store_together(call.prepared.store)
        try:
            reply = self._reply(request, *call.reply(scored))
            checkpoint_if_due(request.length)
            self.passage.record(request, user, int(reply.status[:3]), time.monotonic() - started)
        except Exception as error:  # - it is stored: nobody may store it again
            environ[FAILURE] = error
            return None
        return reply

    def _reply(self, request: HotRequest, status: int, body: bytes) -> Reply:
        own = {"x-request-id": request.request_id, "content-length": str(len(body))}
        headers = [(name, own.get(name.lower(), value)) for name, value in self._headers[request.secure]]
        return Reply(_line(status), headers, body)


def _read_body(request: HotRequest, environ: dict[str, Any]) -> bytes | None:
    """Read the body and leave it to be read again; None of one that ends early."""
    try:
        body: bytes = environ["wsgi.input"].read(request.length)
    except OSError:
        body = b""
    environ["wsgi.input"] = BytesIO(body)
    return body if len(body) == request.length else None


def _line(status: int) -> str:
    return f"{status} {responses[status]}"
