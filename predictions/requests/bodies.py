"""Bodies of requests: bounded by their headers before they are read, refused if they end too early.

Addresses with very many parameters are refused here too.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import Resolver404, resolve
from rest_framework.exceptions import AuthenticationFailed

from predictions.api.calls.access import RememberingTokenAuthentication
from predictions.errors import as_unavailable
from predictions.models.querysets import AnyUser
from predictions.services.batches.files import FORM_OVERHEAD
from predictions.web.errors import bad_request, body_refused, for_programs, unavailable

MAX_PARAMETERS = 1_000  # of an address; a form may have more fields
LENGTH = re.compile(r"[0-9]{1,18}\Z")
View = TypeVar("View", bound=Callable[..., Any])


def takes_file(right: str) -> Callable[[View], View]:
    """Let users with `right` post a file of up to `LOANSITE_MAX_FILE` bytes to a view or viewset's method."""

    def mark(view: View) -> View:
        view.takes_file = right  # type: ignore[attr-defined]
        return view

    return mark


class IncompleteBody(OSError):
    """The body ended before its Content-Length. Django converts it to `UnreadablePostError`."""


class _WholeBody(LimitedStream):
    """A stream that raises `IncompleteBody` where Django's would just end."""

    _pos: int

    def read(self, size: int | None = -1, /) -> bytes:
        left = self.limit - self._pos
        wanted = left if size is None or size < 0 else min(size, left)
        try:
            data = super().read(wanted)
        except OSError:
            data = b""
        if len(data) < wanted:
            raise IncompleteBody(f"The body ends after {self._pos:,} of the {self.limit:,} bytes announced.")
        return data


class BodyMiddleware:
    """Refuses bodies without a plain length or above the limit, and reads the forms of pages.

    It comes after the authentication middleware, and before the CSRF check, which reads the body.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get("QUERY_STRING", "").count("&") >= MAX_PARAMETERS:
            return bad_request(request, BadRequest(f"An address has at most {MAX_PARAMETERS:,} parameters."))
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.META.get("HTTP_TRANSFER_ENCODING") or not LENGTH.match(length):
            detail = "A Content-Length is required; chunked bodies are not read."
            return body_refused(request, 411, "length_required", "The length is missing", detail)
        try:
            refusal = _refusal(request, int(length))
        except Exception as error:
            reason = as_unavailable(error)
            if reason is None:
                raise
            refusal = unavailable(request, reason)
        return refusal or self._answer(request, int(length))

    def _answer(self, request: HttpRequest, length: int) -> HttpResponse:
        """Read forms here: the CSRF check would treat an incomplete form as an empty one."""
        request._stream = _WholeBody(request.META["wsgi.input"], length)  # type: ignore[assignment]
        if request.method == "POST" and not for_programs(request):
            try:
                _ = request.POST if request.content_type == "multipart/form-data" else request.body
            except UnreadablePostError as error:
                return bad_request(request, BadRequest(f"{error} Nothing was stored; please send it again."))
        return self.get_response(request)


def _refusal(request: HttpRequest, length: int) -> HttpResponse | None:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if length <= limit:
        return None
    detail = f"The body is larger than {limit:,} bytes."
    if _may_send_file(request):
        if length <= settings.MAX_FILE + FORM_OVERHEAD:
            return None
        detail = f"The file is larger than {settings.MAX_FILE:,} bytes (LOANSITE_MAX_FILE)."
    return body_refused(request, 413, "too_large", "That is too large", detail)


def _may_send_file(request: HttpRequest) -> bool:
    right = _required_right(request)
    return right is not None and _caller(request).has_perm(right)


def _required_right(request: HttpRequest) -> str | None:
    """Return the right that a view requires of the sender of a file; None if it takes no files."""
    if request.method != "POST":
        return None
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return None
    method = getattr(view, "actions", {}).get("post")  # of a viewset
    handle = getattr(view.cls, method) if method else view  # type: ignore[attr-defined]
    return getattr(handle, "takes_file", None)


def _caller(request: HttpRequest) -> AnyUser:
    """Return the user of the token, which only programs send, or of the session."""
    if "Authorization" not in request.headers or not for_programs(request):
        return request.user
    try:
        authenticated = RememberingTokenAuthentication().authenticate(request)
    except AuthenticationFailed:
        authenticated = None
    return authenticated[0] if authenticated else request.user
