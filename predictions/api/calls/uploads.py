"""Uploaded files: read from the body in parts, and never more than the limit on files."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypedDict

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from ml.applications.number_texts import is_decimal
from ml.applications.values import UNPRINTABLE, show_value
from ml.errors import InvalidValue
from ml.intake.understanding import Wishes
from predictions.api.calls.body import IncompleteRequest, LengthRequired
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.services.batches.files import Upload, store_upload
from predictions.services.uploads.readings import wishes_from

FORM = "multipart/form-data"
CSV = "text/csv"
ANY_FILE = "application/octet-stream"
# What browsers and programs call workbooks and CSV; the content decides what a file is.
FILE_TYPES = (
    ANY_FILE,
    CSV,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
)
# What a file is called that is the body itself: messages about a sheet name rows, not lines.
_ENDINGS = dict(zip(FILE_TYPES[2:], ("xlsx", "xls", "ods"), strict=True))
_PART = 1 << 18
_NAME = re.compile(f"[^{UNPRINTABLE}]{{1,255}}\\Z")


class UnreadFile(BaseParser):
    """Leaves the body to `receive_upload`; a session's CSRF token comes in its header."""

    media_type = "*/*"

    def parse(
        self, stream: object, media_type: object = None, parser_context: object = None
    ) -> dict[str, str]:
        return {}


def receive_upload(request: Request) -> Upload:
    """Store the uploaded file, which is the form field `file` or the whole body.

    Raises
    ------
    LengthRequired, IncompleteRequest, UnsupportedMediaType, ParseError, ValidationError
        Besides what `store_upload` raises.
    """
    schema = schema_in_use(product_of(request).pk)
    with refused_wishes():
        return store_upload(**received(request), schema=schema, wishes=wishes_of(request))


@contextmanager
def refused_wishes() -> Iterator[None]:
    """Refuse parameters that do not fit the file, such as a sheet that it does not have."""
    try:
        yield
    except InvalidValue as error:
        raise ValidationError(error.detail, code=error.code) from None


class ReceivedFile(TypedDict):
    """The name and the bytes of a file that a request sends."""

    name: str
    parts: Iterable[bytes]


def received(request: Request) -> ReceivedFile:
    """Return the file of a request, not read yet (see `receive_upload`)."""
    _check_headers(request._request)
    if request._request.content_type in FILE_TYPES:
        unnamed = f"batch.{_ENDINGS.get(request._request.content_type, 'csv')}"
        name = _checked_name("name", request.query_params.get("name", unnamed))
        return {"name": name, "parts": _parts(request._request)}
    file = _form_file(request._request)
    return {"name": _checked_name("file", file.name or ""), "parts": file.chunks(_PART)}


def wishes_of(request: Request) -> Wishes:
    """Return what the parameters say of a file. Raises `ValidationError`."""
    query = request.query_params
    facts = {name: query.get(name) for name in ("sheet", "decimal")}
    pairs = {name: _pairs(name, query.getlist(name)) for name in ("column", "per")}
    try:
        per = {column: _divisor(number) for column, number in pairs["per"].items()}
        return wishes_from({**facts, "columns": pairs["column"], "per": per})
    except InvalidValue as error:
        name = "per" if error.code == "min_value" else "decimal"
        raise ValidationError({name: error.detail}, code=error.code) from None


def _divisor(text: str) -> float:
    if not is_decimal(text) or not float(text) > 0:
        raise InvalidValue("min_value", f"{show_value(text)} is no number above 0 to divide by.")
    return float(text)


def _pairs(name: str, texts: Sequence[str]) -> dict[str, str]:
    """Return the parts of texts such as ``coapp. income:CoapplicantIncome``, split at the last colon."""
    for text in texts:
        if ":" not in text:
            detail = f"{show_value(text)} has no colon; expected HEADING:COLUMN or COLUMN:NUMBER."
            raise ValidationError({name: detail}, code="invalid")
    return dict(text.rsplit(":", 1) for text in texts)


def _check_headers(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length:
        raise LengthRequired
    if request.META.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise UnsupportedMediaType("", "A Content-Encoding is not accepted; send the plain file.")
    if request.content_type not in (FORM, *FILE_TYPES):
        given = show_value(request.content_type)
        raise UnsupportedMediaType(
            "", f"The Content-Type {given} is not accepted; send {FORM}, {CSV} or a workbook."
        )


def _form_file(request: HttpRequest) -> UploadedFile:
    try:
        form = MultiPartParser(request.META, request, request.upload_handlers, "utf-8")
        files = form.parse()[1]
    except MultiPartParserError as error:
        raise ParseError(f"The form cannot be read: {error}") from None
    file = files.get("file")
    if not isinstance(file, UploadedFile):
        raise ValidationError({"file": "A file is expected in this field."}, code="required")
    return file


def _checked_name(field: str, name: str) -> str:
    if not _NAME.match(name):
        detail = f"A name of 1 to 255 printable characters is expected, not {show_value(name)}."
        raise ValidationError({field: detail}, code="invalid")
    return name


def _parts(body: HttpRequest) -> Iterator[bytes]:
    try:
        while part := body.read(_PART):
            yield part
    except UnreadablePostError as error:  # an OSError, and the store would take it for its own
        raise IncompleteRequest(str(error)) from None
