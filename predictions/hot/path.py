"""The hot path: it answers a request of WSGI, or scores a call of a socket; what it leaves is Django's."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from http.client import responses
from io import BytesIO
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError, connection

from predictions.api.calls.access import remembered_user
from predictions.api.calls.body import FAILURE
from predictions.errors import Unavailable
from predictions.hot.calls import HotCall, earlier_of_each, read_call
from predictions.hot.passage import Passage
from predictions.hot.raw_requests import RawCall, RawReader
from predictions.hot.requests import HotRequest, read_request
from predictions.log_lines import begin_request, end_request
from predictions.models.querysets import AnyUser, has_right
from predictions.roles import SCORE
from predictions.services.scoring.group_statement import (
    PARAMETER_TYPES,
    STATEMENT,
    Stored,
    parameters,
    store_in_one_statement,
    stored_calls,
)
from predictions.services.writing.checkpoints import checkpoint_if_due, due_checkpoint, make_checkpoint
from predictions.services.writing.database_waits import reset_request_state, without_waiting
from predictions.services.writing.group_commit import store_group, store_together
from predictions.services.writing.locks import large_call_lock
from predictions.services.writing.replies import ScoredRows

Headers = list[tuple[str, str]]
Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Reply(NamedTuple):
    status: str
    headers: Headers
    body: bytes


class BegunCall(NamedTuple):
    """A call that is scored and not stored."""

    request: HotRequest
    call: HotCall
    started: float


class HotPath:
    """Answers calls with the headers of Django's last reply to such a call."""

    read = staticmethod(read_request)

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self._headers: dict[bool, Headers] = {}  # by whether the call came by https
        self.read_raw = RawReader().read
        self._refused = set[object]()  # sockets

    @property
    def statement(self) -> tuple[str, list[str]] | None:
        """The statement that stores calls together on PostgreSQL, and the types of its parameters."""
        return None if _is_sqlite() else (STATEMENT, PARAMETER_TYPES)

    def refuse(self, socket: object) -> None:
        """Let the next request of a socket ask the database nothing: it could not store the call."""
        self._refused.add(socket)

    def is_refused(self, environ: Environ) -> bool:
        """Return whether the request was refused, and forget it."""
        socket = environ.get("gunicorn.socket")
        is_refused = socket in self._refused
        self._refused.discard(socket)
        return is_refused

    def learning(self, request: HotRequest, start_response: StartResponse) -> StartResponse:
        """Return a `start_response` that takes note of the headers of Django's reply."""

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            if status in (_line(200), _line(201)) and not any(name == "Set-Cookie" for name, _ in headers):
                self._headers[request.secure] = list(headers)
            return start_response(status, headers, *rest)

        return start

    def answer(self, request: HotRequest, environ: Environ) -> Reply | None:
        """Score, store and return the reply.

        None leaves the request to Django, as it came. Nothing is stored then, unless `environ` has a failure,
        which the view raises.
        """
        user = self._known_user(request)
        if user is None:
            return None
        body = _read_body(request, environ)
        begin_request(request.request_id)
        try:
            with large_call_lock(request.length):
                whole = len(body) == request.length
                return self._answer(request, user, body, environ) if whole else None
        except (Unavailable, OperationalError, InterfaceError) as error:
            environ[FAILURE] = error
            return None
        except Exception:  # nothing is stored yet: Django tries, and reports what is wrong
            return None
        finally:
            end_request()

    def _answer(self, request: HotRequest, user: AnyUser, body: bytes, environ: Environ) -> Reply | None:
        _close_old_connection()
        begun = self._begun(request, user, body, may_look_up=True)
        if begun is None:
            return None
        reply_to = self._store(begun)
        try:
            checkpoint_if_due(request.length)
            reply = reply_to()
        except Exception as error:  # it is stored: nobody may store it again
            environ[FAILURE] = error
            return None
        return reply

    def _store(self, begun: BegunCall) -> Callable[[], Reply]:
        """Store a call and return a function that makes the reply."""
        if _fits_one_statement(begun):
            stored = store_in_one_statement([begun.call.asking])
            return lambda: self._replies([begun], stored)[0]
        scored = store_together(begun.call.store)
        return lambda: self.replies_to([(begun, scored)])[0]

    def begin(self, raw: RawCall) -> BegunCall | None:
        """Score a call without waiting for the database; None in doubt."""
        request, body = raw
        try:
            with without_waiting():
                user = self._known_user(request)
                begun = self._begun(request, user, body, may_look_up=False) if user else None
                return begun if begun and (_is_sqlite() or _fits_one_statement(begun)) else None
        except Exception:  # nothing is stored yet: a thread tries
            return None

    def _known_user(self, request: HotRequest) -> AnyUser | None:
        """Return a caller who may score and whose token, and so whose rights, are remembered."""
        user = remembered_user(request.token) if request.secure in self._headers else None
        return user if user and has_right(user, SCORE) else None

    def _begun(
        self, request: HotRequest, user: AnyUser, body: bytes, *, may_look_up: bool
    ) -> BegunCall | None:
        started = time.monotonic()
        if not self.passage.admits(request, user):
            return None
        call = read_call(request, user, body, may_look_up=may_look_up)
        return call and BegunCall(request, call, started)

    @staticmethod
    def store_at_once(calls: Sequence[BegunCall]) -> list[ScoredRows | Exception]:
        """Store calls in one transaction without waiting: `OperationalError` of each if others write."""
        reset_request_state()
        _close_old_connection()
        with without_waiting():
            return store_group([begun.call.store for begun in calls])

    @staticmethod
    def due_checkpoint(request: HotRequest) -> Callable[[], None] | None:
        """Return the checkpoint that is due after a call, for another thread to make."""
        number = due_checkpoint(request.length)
        return partial(make_checkpoint, number) if number else None

    def replies_to(self, stored: Sequence[tuple[BegunCall, ScoredRows]]) -> list[Reply]:
        """Return the replies to calls that were stored in this order."""
        earlier = earlier_of_each([(begun.call, scored) for begun, scored in stored])
        outcomes = [Stored(scored, number) for (_, scored), number in zip(stored, earlier, strict=True)]
        return self._replies([begun for begun, _ in stored], outcomes)

    @staticmethod
    def parameters(calls: Sequence[BegunCall]) -> list[str] | None:
        """Return the values of the statement that stores calls on PostgreSQL."""
        try:
            return parameters([begun.call.asking for begun in calls])
        except Exception:  # nothing is stored yet: threads try
            return None

    def replies_to_rows(self, calls: Sequence[BegunCall], rows: Sequence[Sequence[int]]) -> list[Reply]:
        """Return the replies to calls that were stored by that statement, which returned `rows`."""
        return self._replies(calls, stored_calls([begun.call.asking for begun in calls], rows))

    def _replies(self, calls: Sequence[BegunCall], stored: Sequence[Stored]) -> list[Reply]:
        facts = zip(calls, stored, strict=True)
        return [self._reply(begun, *begun.call.reply(*outcome)) for begun, outcome in facts]

    def _reply(self, begun: BegunCall, status: int, body: bytes) -> Reply:
        request, call, started = begun
        self.passage.record(request, call.user, status, time.monotonic() - started)
        own = {"X-Request-ID": request.request_id, "Content-Length": str(len(body))}
        headers = [(name, own.get(name, value)) for name, value in self._headers[request.secure]]
        return Reply(_line(status), headers, body)


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def _fits_one_statement(begun: BegunCall) -> bool:
    return not _is_sqlite() and begun.call.asking.fits


def _close_old_connection() -> None:
    """Close a connection that is broken or too old, as Django does between requests."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _read_body(request: HotRequest, environ: Environ) -> bytes:
    """Read the body, and leave it to be read again."""
    try:
        body: bytes = environ["wsgi.input"].read(request.length)
    except OSError:
        body = b""
    environ["wsgi.input"] = BytesIO(body)
    return body


def _line(status: int) -> str:
    return f"{status} {responses[status]}"
