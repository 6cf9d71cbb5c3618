"""Connections to PostgreSQL whose answers gunicorn's main thread meets among its sockets: it waits for none.

Each sends one prepared statement at a time. Threads open them, and again when they are lost.
"""

import time
from collections.abc import Callable, Sequence
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
from typing import Any, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connections
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from loansite.postgresql.base import CircuitOpen, ServerSilent
from predictions.services.writing import database_waits as waits

Rows = list[tuple[int, ...]]
Outcome = Rows | DatabaseError
_NAME = "unwaited"
# A plan for the arrays of each call would take longer than carrying it out.
_PLAN_ONCE = "SET plan_cache_mode = force_generic_plan"
_NUMBER = 2
_BETWEEN_TRIES = 1.0  # seconds, to connect


class _Sent(NamedTuple):
    """A statement under way: who is told of its outcome, its time limit, and its results so far."""

    tell: Callable[[Outcome], None]
    deadline: float
    results: list[PGresult]


class Tools(NamedTuple):
    """The poller, and functions that run another one in a thread, or in the thread of the poller."""

    poller: BaseSelector
    submit: Callable[[Callable[[], None]], object]
    defer: Callable[..., None]


class UnwaitedConnections:
    """Send `statement`, whose parameters have the given types and whose results are whole numbers.

    While one waits for a commit, the next sends what has come meanwhile: the server commits both together.
    """

    def __init__(self, statement: str, types: Sequence[str], tools: Tools) -> None:
        prepare = f"PREPARE {_NAME} ({', '.join(types)}) AS {statement}"
        self._all = [_UnwaitedConnection(prepare, tools) for _ in range(_NUMBER)]

    @property
    def are_busy(self) -> bool:
        """Whether a statement is under way."""
        return any(one.is_busy for one in self._all)

    def free(self) -> "_UnwaitedConnection | None":
        """Return one that is open and has no statement under way, if any."""
        return next((one for one in self._all if not one.is_busy and one.is_open()), None)

    def patience(self, seconds: float) -> float:
        """Return how long the poller may sleep, at most `seconds`."""
        return min(one.patience(seconds) for one in self._all)

    def give_up_late(self) -> None:
        """End the statements that the server has not answered in time."""
        for one in self._all:
            one.give_up_if_late()

    def close(self) -> None:
        """Take leave of the server, once nothing waits for it."""
        for one in self._all:
            one.close()


class _UnwaitedConnection:
    def __init__(self, prepare: str, tools: Tools) -> None:
        self._prepare, self._tools = prepare, tools
        self._opened: Any = None  # Django's connection
        self._sent: _Sent | None = None
        self._next_try = 0.0

    @property
    def is_busy(self) -> bool:
        """Whether a statement is under way."""
        return self._sent is not None

    def is_open(self) -> bool:
        """Return whether a statement can be sent when none is under way.

        Otherwise let a thread try to connect, once a second. As Django does, close a connection that is old.
        """
        now = time.monotonic()
        if self._opened and self._opened.close_at and now >= self._opened.close_at:
            self._close()
        if self._opened is None and now >= self._next_try:
            self._next_try = now + _BETWEEN_TRIES
            self._tools.submit(self._open)
        return self._opened is not None

    def _open(self) -> None:
        waits.reset_request_state()
        opened: Any = connections.create_connection(DEFAULT_DB_ALIAS)
        try:
            with opened.cursor() as cursor:
                cursor.execute(_PLAN_ONCE)
                cursor.execute(self._prepare)
        except Exception:  # calls go to threads, which say so
            opened.close()
        else:
            self._tools.defer(self._take, opened)

    def _take(self, opened: Any) -> None:
        if self._opened:  # a slow try, and a later one
            opened.connection.close()
            return
        self._opened, self._socket, self._unsent = opened, opened.connection.fileno(), False
        self._tools.poller.register(self._socket, EVENT_READ, self._look)

    @property
    def _pgconn(self) -> PGconn:
        pgconn: PGconn = self._opened.connection.pgconn
        return pgconn

    def send(self, parameters: Sequence[str], tell: Callable[[Outcome], None]) -> None:
        """Send the statement; `tell` is called with its rows, or with an error.

        After an `OperationalError` the statement may have taken effect. After any other error it did not.
        """
        self._sent = _Sent(tell, time.monotonic() + waits.REPLY_TIMEOUT, [])
        waits.reset_request_state()
        if not waits.breaker.may_ask():
            self._end(CircuitOpen("The server has not answered for a while."))
            return
        try:
            self._pgconn.send_query_prepared(_NAME.encode(), [text.encode() for text in parameters])
            self._flush()
        except psycopg.Error as error:
            self._close()
            self._end(error)

    def _flush(self) -> None:
        unsent = bool(self._pgconn.flush())
        if unsent != self._unsent:
            self._unsent = unsent
            self._tools.poller.modify(self._socket, EVENT_READ | (EVENT_WRITE if unsent else 0), self._look)

    def _look(self, _socket: object) -> None:
        """Take what the server sent."""
        try:
            self._pgconn.consume_input()
            self._flush()
            ended = self._sent is not None and self._has_ended(self._sent.results)
        except psycopg.Error as error:
            self._close()
            self._end(error)
            return
        if self._pgconn.status != ConnStatus.OK:  # it says why, then closes
            self._close()
            self._end(psycopg.OperationalError("The server closed the connection."))
        elif ended and self._sent:
            waits.breaker.record_success()
            self._end(_outcome(self._sent.results))

    def _has_ended(self, results: list[PGresult]) -> bool:
        while not self._pgconn.is_busy():
            result = self._pgconn.get_result()
            if result is None:
                return True
            results.append(result)
        return False

    def _end(self, outcome: Rows | psycopg.Error) -> None:
        sent, self._sent = self._sent, None
        if sent:
            sent.tell(outcome if isinstance(outcome, list) else _as_djangos(outcome))

    def close(self) -> None:
        if self._opened:
            self._opened.connection.close()
            self._opened = None

    def _close(self) -> None:
        self._tools.poller.unregister(self._socket)
        self.close()

    def patience(self, seconds: float) -> float:
        return min(seconds, max(self._sent.deadline - time.monotonic(), 0)) if self._sent else seconds

    def give_up_if_late(self) -> None:
        if self._sent and time.monotonic() >= self._sent.deadline:
            self._close()
            waits.breaker.record_failure()
            self._end(ServerSilent(f"The server did not answer within {waits.REPLY_TIMEOUT:g} s."))


def _as_djangos(error: psycopg.Error) -> DatabaseError:
    of_server = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return (OperationalError if of_server else DatabaseError)(*error.args)


def _outcome(results: Sequence[PGresult]) -> Rows | psycopg.Error:
    for result in results:  # an error of the commit comes after the rows
        if result.status != ExecStatus.TUPLES_OK:
            return _error(result)
    (result,) = results
    columns = range(result.nfields)
    return [
        tuple(int(result.get_value(row, column) or 0) for column in columns) for row in range(result.ntuples)
    ]


def _error(result: PGresult) -> psycopg.Error:
    state = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode()
    try:
        kind: type[psycopg.Error] = psycopg.errors.lookup(state)
    except KeyError:
        kind = psycopg.OperationalError
    return kind(result.error_message.decode(errors="replace").strip())
