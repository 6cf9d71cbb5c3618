"""Bodies of calls: only plain JSON in UTF-8 of a known length is read."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from ml.applications import strict_json
from ml.applications.values import show_value
from ml.errors import TooManyRows, TooManyValues, UnreadableJSON
from predictions.services.writing import checkpoints
from predictions.services.writing.locks import large_call_lock

R = TypeVar("R")
FAILURE = "loansite.failure"  # in the environ: why the hot path could not answer a call that it had begun


class LengthRequired(APIException):
    status_code = 411
    default_detail = "A Content-Length is required; chunked bodies are not read."
    default_code = "length_required"


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"


class IncompleteRequest(ParseError):
    default_code = "incomplete_body"


class UnreadBody(BaseParser):
    """Leaves the body to `read_body`: for a session, DRF would search it for a CSRF token by laxer rules."""

    media_type = "application/json"

    def parse(
        self, stream: object, media_type: object = None, parser_context: object = None
    ) -> dict[str, str]:
        return {}


def read_body(request: Request) -> bytes:
    """Return the bytes of a body whose headers promise plain JSON of a known length.

    Raises
    ------
    LengthRequired, UnsupportedMediaType
    """
    _check_headers(request)
    return request._request.body


def wait_for_large_calls(handle: Callable[..., R]) -> Callable[..., R]:
    """Let a view's method hold the large-call lock if its body is large.

    The body is read before, so that a slow sender holds no lock. A checkpoint that is due is made in the end.
    A call in which the hot path failed is refused with its error.
    """

    @functools.wraps(handle)
    def handle_locked(view: object, request: Request, *args: object, **kwargs: object) -> R:
        if failure := request.META.get(FAILURE):
            raise failure
        size = len(read_body(request))
        with large_call_lock(size):
            reply = handle(view, request, *args, **kwargs)
            checkpoints.checkpoint_if_due(size)
            return reply

    return handle_locked


@contextlib.contextmanager
def json_refusals() -> Iterator[None]:
    """Raise `ParseError` or `TooLarge` for JSON that `ml` refuses to read."""
    try:
        yield
    except (TooManyRows, TooManyValues) as error:
        raise TooLarge(str(error)) from None
    except UnreadableJSON as error:
        raise ParseError(str(error)) from None


def read_object(request: Request, known: set[str]) -> dict[str, object]:
    """Return the decoded body if it is an object of known fields; an unknown field is refused by name."""
    body = read_body(request)
    with json_refusals():
        document = strict_json.decode_json(body, settings.MAX_ROWS)
    if not isinstance(document, dict):
        raise ParseError(f"An object is expected, not {show_value(document)}.")
    for name in document.keys() - known:
        raise ValidationError({name[:100]: "This field is not known here."}, code="unknown_field")
    return document


def query_flag(request: Request, name: str, *, absent: bool = False) -> bool:
    """Return a boolean query parameter; `absent` if it is not given."""
    value = request.query_params.get(name, "true" if absent else "false")
    if value not in ("true", "false"):
        raise ValidationError({name: f"{show_value(value)} is not true or false."}, code="invalid")
    return value == "true"


def _check_headers(request: Request) -> None:
    if not request.META.get("CONTENT_LENGTH"):
        raise LengthRequired
    if request.META.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise UnsupportedMediaType("", "A Content-Encoding is not accepted; send plain JSON.")
    if request._request.content_type != "application/json":
        given = show_value(request._request.content_type)
        raise UnsupportedMediaType("", f"The Content-Type {given} is not accepted; send application/json.")
    charset = (request._request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("", f"The charset {show_value(charset)} is not accepted; JSON is UTF-8.")
