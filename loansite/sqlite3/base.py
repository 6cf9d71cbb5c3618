"""Django's own backend, except that a web process waits for other writers by the rules of requests.

SQLite's own waiting knows nothing of requests: it holds no place, counts each statement anew, and sleeps up
to 100 ms between two tries. Here SQLite says at once that its file is taken, whatever the statement is: the
beginning of a transaction, a single write, the first statement of a connection.
"""

import time
from collections.abc import Callable
from sqlite3 import SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, OperationalError
from typing import Any, TypeVar

from django.db.backends.sqlite3 import base

from predictions.services.writing import database_waits as waits

_PAUSE = 0.0005  # seconds
_PRIMARY = 0xFF  # of SQLite's codes, which tell more than these bits in others
T = TypeVar("T")


class Cursor(base.SQLiteCursorWrapper):
    def execute(self, query: str, params: Any = None) -> Any:
        try:
            return super().execute(query, params)
        except OperationalError as error:
            return _again(error, lambda: base.SQLiteCursorWrapper.execute(self, query, params))


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        """Let SQLite itself wait in commands and workers alone."""
        return super().get_connection_params() | ({"timeout": 0} if waits.request_limits_apply() else {})

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except OperationalError as error:
            return _again(error, lambda: base.DatabaseWrapper.get_new_connection(self, conn_params))

    def create_cursor(self, name: str | None = None) -> Cursor:
        return self.connection.cursor(factory=Cursor)


def _again(error: Exception, act: Callable[[], T]) -> T:
    """Try again, at a place, as long as the request may wait; SQLite has done nothing of what it refused."""
    if not (waits.request_limits_apply() and _taken(error)):
        raise error
    with waits.write_lock_deadline() as until:
        while time.monotonic() < until:
            time.sleep(_PAUSE)
            try:
                return act()
            except OperationalError as refused:
                if not _taken(refused):
                    raise
        raise error


def _taken(error: Any) -> bool:
    """Tell whether others hold the file; who read an older state of it would wait for ever."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & _PRIMARY == SQLITE_BUSY and code != SQLITE_BUSY_SNAPSHOT
