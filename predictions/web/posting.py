"""Views that only take forms. GET, as after sign-in, leads to the page of the form."""

import re
import secrets
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse

from predictions.live.products import product_of
from predictions.services.writing import idempotency

View = Callable[..., HttpResponseBase]


def post_only(page: str) -> Callable[[View], View]:
    """Let a view take POST. GET redirects to the URL named `page`, which shows the form."""

    def decorate(view: View) -> View:
        @wraps(view)
        def post_view(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method in ("GET", "HEAD"):
                return HttpResponseRedirect(reverse(page, args=args, kwargs=kwargs))
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])

        post_view.form_page = page  # type: ignore[attr-defined]
        return post_view

    return decorate


def form_page(request: HttpRequest) -> str:
    """Return the address of the page that shows the form for this address."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return reverse("desk")
    page = getattr(match.func, "form_page", None)
    return reverse(page, args=match.args, kwargs=match.kwargs) if page else request.get_full_path()


FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,60}\Z")


def new_token() -> str:
    """Return the token of a form that is shown. A refused form gets a new token."""
    return secrets.token_urlsafe(18)


def create_once_per_form(request: HttpRequest, values: object, make: Callable[[], int]) -> int:
    """Return the id that `make` returns, now or when this form was sent before with the same `values`.

    The same form sent for another product is another form.
    """
    of_product = [product_of(request).pk, values]
    return idempotency.create_once(
        owner_id=request.user.pk or 0, token=_sent(request), values=of_product, make=make
    )


def _sent(request: HttpRequest) -> str:
    """Return the token of the sent form; empty if no page of this site made it."""
    token = request.POST.get(FORM_TOKEN, "")
    return token if _TOKEN.match(token) else ""
