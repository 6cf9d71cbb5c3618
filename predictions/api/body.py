"""Reading a request's body: what is not plain, bounded, UTF-8 JSON is refused with the fitting code."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType, ValidationError
from rest_framework.request import Request

from ml import jsontext
from ml.errors import UnreadableJSON
from ml.values import show


class LengthRequired(APIException):
    status_code = 411
    default_detail = "A Content-Length is required; chunked bodies are not read."
    default_code = "length_required"


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"


def read_json(request: Request) -> Any:
    """Return the decoded body.

    Raises
    ------
    ParseError, LengthRequired, TooLarge, UnsupportedMediaType
    """
    _check_headers(request)
    try:
        return jsontext.loads(request._request.body)
    except RequestDataTooBig:
        raise _too_large() from None
    except UnreadableJSON as error:
        raise ParseError(str(error)) from None


def check_row_count(rows: list[Any]) -> list[dict[str, Any]]:
    """Return the rows if there are some, not too many, and all of them objects."""
    if len(rows) > settings.MAX_ROWS:
        raise TooLarge(f"{len(rows):,} rows are more than the {settings.MAX_ROWS:,} that one call may hold.")
    if not rows:
        raise ParseError("The array is empty; at least one application is expected.")
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            raise ParseError(f"An object is expected at index {index}, not {type(row).__name__}.")
    return rows


def query_flag(request: Request, name: str) -> bool:
    """Return a boolean of the query string, off unless given."""
    value = request.query_params.get(name, "false")
    if value not in ("true", "false"):
        raise ValidationError({name: f"{show(value)} is not true or false."}, code="invalid")
    return value == "true"


def _check_headers(request: Request) -> None:
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        raise LengthRequired
    if request.META.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise UnsupportedMediaType("", "A Content-Encoding is not accepted; send plain JSON.")
    if request._request.content_type != "application/json":
        raise UnsupportedMediaType(request.content_type)
    charset = (request._request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("", f"The charset {charset[:40]!r} is not accepted; JSON is UTF-8.")
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise _too_large()


def _too_large() -> TooLarge:
    return TooLarge(f"The body is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes.")
