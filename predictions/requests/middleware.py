"""Headers of every reply, the time zone of pages, and replies of 503."""

import base64
import re
import secrets
from collections.abc import Callable
from urllib.parse import quote

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from predictions.errors import as_unavailable
from predictions.log_lines import begin_request
from predictions.web.errors import for_programs, keep_method, unavailable
from predictions.words import times

PROBE_PATHS = ("/livez", "/readyz")
_TAKEN = "loansite_taken"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
# The ids that this class makes, and made in older releases; those of batches and of the demo.
_OURS = re.compile(r"LS([a-z2-7]{16}|[0-9a-f]{20}|[0-9a-f]{30})\Z|(batch|demo)-", re.IGNORECASE)
GetResponse = Callable[[HttpRequest], HttpResponse]


def request_id_of(given: str) -> str:
    """Return the caller's X-Request-ID if it is plain and unlike our own ids; else make one."""
    taken = _GIVEN.match(given) and not _OURS.match(given)
    return given if taken else f"LS{base64.b32encode(secrets.token_bytes(10)).decode().lower()}"


class RequestIdMiddleware:
    """Give each request an id (`request_id_of`).

    The reply carries the id, and every prediction is stored under it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = request_id_of(request.headers.get("X-Request-ID", ""))  # type: ignore[attr-defined]
        begin_request(request.request_id)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


class ProbeMiddleware:
    """Answer probes under any host name: load balancers know addresses only."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in PROBE_PATHS:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".")
        return self.get_response(request)


class MovedMiddleware:
    """Redirect calls other than GET with 308, both to https and to an address with a last slash.

    After Django's 301 most clients go on with GET: the call is lost, and its answer, a list, looks like
    success.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 301 and request.method not in ("GET", "HEAD"):
            keep_method(request, response)
        return response


class PrivateRepliesMiddleware:
    """Keep replies, which hold personal data, out of caches and out of other sites' pages.

    The content security policy is the same for all; django-csp's middleware would write it twice a reply.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, self.policy)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response


class TimeZoneMiddleware:
    """Show pages and forms in the time zone that the browser asks for; programs get the site's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if for_programs(request):
            return self.get_response(request)
        with timezone.override(times.requested_zone(request)):
            return self.get_response(request)


class TakenFormMiddleware:
    """Tell the browser which form was taken, so that it forgets what was typed into it (`kept.js`).

    A form is taken when its reply leads on to a page; a refused one comes back with its page.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code in (302, 303) and request.user.is_authenticated:
            address, secure = quote(request.get_full_path(), safe=""), settings.SESSION_COOKIE_SECURE
            response.set_cookie(_TAKEN, address, max_age=60, samesite="Lax", secure=secure)
        return response


class UnavailableMiddleware:
    """Answer 503 if a view could not reach its model or its database."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        reason = as_unavailable(error)
        return unavailable(request, reason) if reason else None
