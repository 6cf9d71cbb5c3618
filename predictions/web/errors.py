"""Error pages, and the same errors as JSON for programs."""

import re
import sys

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from predictions.errors import NoSuchProduct, ProductRetired, Unavailable, as_unavailable
from predictions.web.posting import form_page

_PROGRAMS = re.compile(r"/(api/|(predict|livez|readyz)/?\Z)")
_PAGES = {
    400: ("bad_request", "The request could not be read", "Go back, reload the page and try again."),
    403: (
        "permission_denied",
        "Your role does not allow this",
        "Ask an administrator for access.",
    ),
    404: ("not_found", "Page not found", "The address is wrong, or you may not see this page."),
    500: ("server_error", "Something went wrong", "Nothing was saved. Try again later."),
}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _reply(request, 400, detail=str(exception) if isinstance(exception, BadRequest) else None)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _reply(request, 403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _reply(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    reason = as_unavailable(sys.exc_info()[1])  # of middleware: a session could not be saved
    return unavailable(request, reason) if reason else _reply(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form of an older session: the user signed in or out in another tab."""
    detail = "Nothing was saved. Open the form and send it again."
    return _page(
        request,
        403,
        "permission_denied",
        "You signed in or out in another tab",
        detail,
        back=form_page(request),
    )


def unavailable(request: HttpRequest, reason: Unavailable) -> HttpResponse:
    """Answer 503 with the reason, which tells an operator what to do."""
    response = _page(request, 503, reason.code, "The site cannot do this right now", reason.detail)
    response["Retry-After"] = str(reason.retry_after)
    return response


def conflict(request: HttpRequest, title: str, detail: str) -> HttpResponse:
    """Answer 409: the request is valid, but the state of its object does not allow it."""
    return _page(request, 409, "conflict", title, detail)


def no_such_product(request: HttpRequest, error: NoSuchProduct) -> HttpResponse:
    """Answer 404 and name the product that is not there."""
    return _page(request, 404, error.code, "Page not found", str(error))


def gone(request: HttpRequest, error: ProductRetired) -> HttpResponse:
    """Answer 410: the product takes no applications any more."""
    return _page(request, 410, error.code, "This product is retired", str(error))


def body_refused(request: HttpRequest, status: int, code: str, title: str, detail: str) -> HttpResponse:
    """Answer a request whose body is refused before it is read."""
    return _page(request, status, code, title, detail)


def keep_method(request: HttpRequest, redirect: HttpResponse) -> None:
    """Make a redirect 308, which keeps method and body. Its JSON tells programs the address."""
    redirect.status_code = 308
    if for_programs(request):
        detail = (
            f"The address of this call is {redirect['Location']}. Nothing was saved; send the call there."
        )
        redirect.content = _json(308, "moved", detail).content
        redirect["Content-Type"] = "application/json"
    redirect["Content-Length"] = str(len(redirect.content))


def for_programs(request: HttpRequest) -> bool:
    """Return True if the address is for programs, not a page."""
    return bool(_PROGRAMS.match(request.path))


def _reply(
    request: HttpRequest, status: int, title: str | None = None, detail: str | None = None
) -> HttpResponse:
    code, usual_title, usual_detail = _PAGES[status]
    return _page(request, status, code, title or usual_title, detail or usual_detail)


def _page(
    request: HttpRequest, status: int, code: str, title: str, detail: str, *, back: str = ""
) -> HttpResponse:
    """Render an error. `back` is the page of the form to send again."""
    if for_programs(request):
        return _json(status, code, f"{title}. {detail}")
    if request.method == "POST" and status >= 500:
        back = form_page(request)
    context = {"status": status, "title": title, "detail": detail, "back": back}
    return render(request, "error.html", context, status=status)


def _json(status: int, code: str, detail: str) -> JsonResponse:
    kind = "server_error" if status >= 500 else "client_error"
    return JsonResponse(
        {"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}, status=status
    )
