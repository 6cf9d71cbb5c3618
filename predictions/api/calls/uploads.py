"""Uploaded files: read from the body in parts, and never more than the limit on files."""

import re
from collections.abc import Iterator

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from ml.applications.values import UNPRINTABLE, show_value
from predictions.api.calls.body import IncompleteRequest, LengthRequired
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.services.batches.files import Upload, store_upload

FORM = "multipart/form-data"
CSV = "text/csv"
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
    _check_headers(request._request)
    schema = schema_in_use(product_of(request).pk)
    if request._request.content_type == CSV:
        name, parts = request.query_params.get("name", "batch.csv"), _parts(request._request)
        return store_upload(name=_checked_name("name", name), parts=parts, schema=schema)
    file = _form_file(request._request)
    name = _checked_name("file", file.name or "")
    return store_upload(name=name, parts=file.chunks(_PART), schema=schema)


def _check_headers(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length:
        raise LengthRequired
    if request.META.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise UnsupportedMediaType("", "A Content-Encoding is not accepted; send the plain file.")
    if request.content_type not in (FORM, CSV):
        given = show_value(request.content_type)
        raise UnsupportedMediaType("", f"The Content-Type {given} is not accepted; send {FORM} or {CSV}.")


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
