"""Django's PostgreSQL backend with a limit on every wait of a web process.

A server that hangs cannot apply its own time limits, and its machine still acknowledges packets, so the
waiting side measures the time. Every round trip, including COPY, passes through `Connection.wait`.
"""

from collections.abc import Callable
from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

from predictions.services.writing import database_waits as waits

_IDLE = TransactionStatus.IDLE
# SQLSTATEs of a statement, or of its wait for a lock, that took longer than its limit.
_TIMED_OUT = ("57014", "55P03")
_LIMITS = "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)"


class CircuitOpen(psycopg.OperationalError):
    """No statement was sent, because the server did not answer other requests."""


class ServerSilent(psycopg.OperationalError):
    """The server did not answer. Whether it carried out the statement is unknown."""

    uncertain = True


class Connection(psycopg.Connection[Any]):
    """A connection that holds a waiting slot for as long as a transaction, or one statement, lasts."""

    limit = waits.REPLY_TIMEOUT
    holds_slot = False

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Run one round trip. Raises `ServerSilent` after `limit` seconds without an answer."""
        _require_waiting()
        if not self.holds_slot and waits.request_state.deadline is None:
            _acquire_slot()
            self.holds_slot = True
        try:
            result = super().wait(gen, interval, timeout or self.limit)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            waits.breaker.record_failure()
            raise ServerSilent(f"The server did not answer within {self.limit:g} s.") from None
        finally:
            if self.pgconn.transaction_status in (_IDLE, TransactionStatus.UNKNOWN):
                self._release_slot()
        waits.breaker.record_success()
        return result

    def close(self) -> None:
        self._release_slot()
        super().close()

    def _release_slot(self) -> None:
        if self.holds_slot:
            self.holds_slot = False
            waits.waiting_slots.release()


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute_wrappers.append(self._ask_no_more_after_timeout)

    def get_connection_params(self) -> dict[str, Any]:
        """Let psycopg prepare statements. Django forbids it, and its own cursors never do."""
        return super().get_connection_params() | {"prepare_threshold": 0}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not waits.request_limits_apply():
            return super().get_new_connection(conn_params)
        _require_waiting()
        _acquire_slot()
        try:
            return Connection.connect(**conn_params | {"connect_timeout": waits.CONNECT_TIMEOUT})
        except psycopg.errors.ConnectionTimeout:
            waits.breaker.record_failure()
            raise
        finally:
            waits.waiting_slots.release()

    def init_connection_state(self) -> None:
        super().init_connection_state()
        if isinstance(self.connection, Connection):
            self.limit_statements(waits.STATEMENT_TIMEOUT)

    def _ask_no_more_after_timeout(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Send no more statements of a request after one of them has timed out.

        A condition in a template ignores the error, and the next condition would wait as long again. A
        download may send more statements: its end must be recorded in the audit log.
        """
        try:
            return execute(*arguments)
        except OperationalError as error:
            limit = getattr(self.connection, "limit", None)
            if limit == waits.REPLY_TIMEOUT and getattr(error.__cause__, "sqlstate", None) in _TIMED_OUT:
                waits.request_state.server_silent = True
            raise

    def limit_statements(self, seconds: float) -> None:
        """Let the server end the statements of this connection after `seconds`."""
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(_LIMITS, [f"{seconds:g}s", f"{waits.STATEMENT_TIMEOUT:g}s"])
        self.connection.limit = seconds + waits.REPLY_TIMEOUT - waits.STATEMENT_TIMEOUT


def _require_waiting() -> None:
    if waits.request_state.waits_for_nobody:
        raise CircuitOpen("This thread waits for no server.")


def _acquire_slot() -> None:
    if not waits.breaker.may_ask():
        raise CircuitOpen("The server has not answered for a while.")
    if not waits.waiting_slots.acquire():
        raise CircuitOpen("Others are waiting for the server.")
