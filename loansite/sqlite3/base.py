"""Django's SQLite backend with a limit on every wait of a web process for other writers.

SQLite's own wait knows nothing of requests: it holds no waiting slot, counts each statement anew, and sleeps
up to 100 ms between two tries. In a web process SQLite reports at once that its file is locked, for every
statement: the start of a transaction, a single write, the first statement of a connection.
"""

import time
from collections.abc import Callable
from sqlite3 import SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, OperationalError
from typing import Any, TypeVar

from django.db.backends.sqlite3 import base

from predictions.services.writing import database_waits as waits

_PAUSE = 0.0005  # seconds
_PRIMARY_CODE = 0xFF  # the bits of an extended result code that hold the primary one
T = TypeVar("T")


class Cursor(base.SQLiteCursorWrapper):
    def execute(self, query: str, params: Any = None) -> Any:
        try:
            return super().execute(query, params)
        except OperationalError as error:
            return _retry(error, lambda: base.SQLiteCursorWrapper.execute(self, query, params))


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        """Use SQLite's own wait in commands and the worker only."""
        return super().get_connection_params() | ({"timeout": 0} if waits.request_limits_apply() else {})

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except OperationalError as error:
            return _retry(error, lambda: base.DatabaseWrapper.get_new_connection(self, conn_params))

    def create_cursor(self, name: str | None = None) -> Cursor:
        return self.connection.cursor(factory=Cursor)


def _retry(error: OperationalError, act: Callable[[], T]) -> T:
    """Try again in a waiting slot, for as long as the request may wait.

    A statement that SQLite refuses because its file is locked has had no effect.
    """
    if not (waits.request_limits_apply() and _is_locked(error)):
        raise error
    with waits.write_lock_deadline() as deadline:
        while time.monotonic() < deadline:
            time.sleep(_PAUSE)
            try:
                return act()
            except OperationalError as refusal:
                if not _is_locked(refusal):
                    raise
        raise error


def _is_locked(error: OperationalError) -> bool:
    """Return True if the file is locked; False for an outdated snapshot, which would wait for ever."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & _PRIMARY_CODE == SQLITE_BUSY and code != SQLITE_BUSY_SNAPSHOT
