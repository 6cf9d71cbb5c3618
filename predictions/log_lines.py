"""Format of the log: each line names its request, and none contains an applicant's data."""

import logging
import re
from contextvars import ContextVar
from http.client import responses
from typing import Any

NO_REQUEST = "-"
_request_id: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)
# PostgreSQL adds the values of a row that it refuses.
_VALUES = re.compile(r"^(DETAIL|CONTEXT|HINT|LINE \d+):.*$", re.MULTILINE)

_ADDRESS, _ORIGIN = re.compile(r"(https?://[^/\s]+)\S*"), r"\1"  # the rest may hold what a caller looked for


def begin_request(request_id: str) -> None:
    """Name this request in the lines of this thread, until the next one begins or `end_request`."""
    _request_id.set(request_id)


def end_request() -> None:
    """Name no request in the lines that follow."""
    _request_id.set(NO_REQUEST)


def cause_of(error: BaseException) -> str:
    """Return an error's type and its first line."""
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"


class LineFormatter(logging.Formatter):
    """Write time, level, request id, logger and message; a traceback only if the site itself failed.

    A request is named by its view: an address that a caller made up may contain a Loan_ID.
    """

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {request_id} {name} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        line = logging.makeLogRecord(vars(record))
        request = getattr(record, "request", None)
        line.request_id = getattr(request, "request_id", None) or _request_id.get()
        if getattr(record, "status_code", None):
            line.msg, line.args = _refusal(record, request), None
        if getattr(record, "status_code", 500) < 500:
            line.exc_info = line.exc_text = None
        return super().format(line)

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = " ".join(record.message.splitlines())
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        return _VALUES.sub(r"\1: (left out)", super().formatException(ei))


def _refusal(record: logging.LogRecord, request: object) -> str:
    status = record.status_code  # type: ignore[attr-defined]
    words = f"{status} {responses.get(status, '')}: {_view_of(request)}"
    if record.name == "django.security.csrf" and isinstance(record.args, tuple):
        return f"{words} ({_ADDRESS.sub(_ORIGIN, str(record.args[0]))})"
    return f"{words} ({record.getMessage()})" if record.name.startswith("django.security.") else words


def _view_of(request: object) -> str:
    match = getattr(request, "resolver_match", None)
    return f"{getattr(request, 'method', None)} {match.view_name if match else 'an unknown address'}"
