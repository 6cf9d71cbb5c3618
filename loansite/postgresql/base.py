"""Django's own backend, except that a web process does not wait for ever.

A server that hangs cannot keep its own time-outs, and its machine goes on confirming what is sent: only the
waiting side can tell. Each round trip passes through `Connection.wait`, those of COPY too.
"""

from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from predictions.services.writing import database_waits as waits

_IDLE = TransactionStatus.IDLE
# What the server answers when a statement, or its wait for a lock, took longer than it may.
_ENDED = ("57014", "55P03")
_LIMITS = "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)"


class CircuitOpen(psycopg.OperationalError):
    """The server is not asked, since it did not answer others."""


class ServerSilent(psycopg.OperationalError):
    """The server did not answer; whether it carried out what was sent is not known."""

    uncertain = True


class Connection(psycopg.Connection[Any]):
    """A connection that takes one of the places for as long as a transaction, or one statement, lasts."""

    limit = waits.REPLY_TIMEOUT
    placed = False

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if not self.placed and waits.request_state.until is None:
            _take_place()
            self.placed = True
        try:
            answer = super().wait(gen, interval, timeout or self.limit)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            waits.breaker.silent()
            raise ServerSilent(f"The server did not answer within {self.limit:g} s.") from None
        finally:
            if self.pgconn.transaction_status in (_IDLE, TransactionStatus.UNKNOWN):
                self._give_place()
        waits.breaker.answered()
        return answer

    def close(self) -> None:
        self._give_place()
        super().close()

    def _give_place(self) -> None:
        if self.placed:
            self.placed = False
            waits.waiting_slots.give()


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute_wrappers.append(self._ask_no_more)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not waits.request_limits_apply():
            return super().get_new_connection(conn_params)
        _take_place()
        try:
            return Connection.connect(**conn_params | {"connect_timeout": waits.CONNECT_TIMEOUT})
        except psycopg.errors.ConnectionTimeout:
            waits.breaker.silent()
            raise
        finally:
            waits.waiting_slots.give()

    def init_connection_state(self) -> None:
        super().init_connection_state()
        if isinstance(self.connection, Connection):
            self.limit_statements(waits.STATEMENT_TIMEOUT)

    def _ask_no_more(self, execute: Any, *arguments: Any) -> Any:
        """Let the request of a statement that was ended for its length ask no more.

        A template's condition swallows the error, and the next one would wait as long again. A download may
        ask: it still puts on record how far it came.
        """
        try:
            return execute(*arguments)
        except OperationalError as error:
            limit = getattr(self.connection, "limit", None)
            if limit == waits.REPLY_TIMEOUT and getattr(error.__cause__, "sqlstate", None) in _ENDED:
                waits.request_state.silent = True
            raise

    def limit_statements(self, seconds: float) -> None:
        """Let the server end this connection's statements after so long."""
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(_LIMITS, [f"{seconds:g}s", f"{waits.STATEMENT_TIMEOUT:g}s"])
        self.connection.limit = seconds + waits.REPLY_TIMEOUT - waits.STATEMENT_TIMEOUT


def _take_place() -> None:
    if not waits.breaker.may_ask():
        raise CircuitOpen("The server has not answered for a while.")
    if not waits.waiting_slots.take():
        raise CircuitOpen("Others are waiting for the server.")
