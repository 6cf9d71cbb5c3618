"""The product of a request: a product's site is the whole site, mounted below an address of its own.

Below `/products/NAME/` are the pages of a product, below `/api/v1/products/NAME/` is its API. All other
addresses mean the default product.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix, set_script_prefix
from django.utils.encoding import escape_uri_path
from django.utils.functional import SimpleLazyObject

from predictions.errors import NoSuchProduct, ProductRetired
from predictions.live import products
from predictions.models import BUILT_IN, Product
from predictions.models.product import RESERVED_NAMES
from predictions.web.errors import gone, keep_method, no_such_product, page_not_found
from predictions.web.mounts import API, PAGES, RowOfAnotherProduct, mount_of

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# What is of the whole site has no address within a product.
WHOLE_SITE = ("/login/", "/logout/", "/preferences/", "/admin/", "/static/", "/api/", "/products/")
_API = "/api/v1/"
_ARTICLE = frozenset({"/predict", "/predict/"})
_PROBES = frozenset({"/livez", "/readyz"})


class _Mounted(NamedTuple):
    """A product's name in an address, the address within the product, and the prefix of its pages."""

    name: str
    path_info: str
    script_prefix: str


class ProductMiddleware:
    """Sets `request.product`, and mounts the site below a product's address.

    Addresses made by `reverse` stay within the product: the script prefix is the product's.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mounted = _mounted(request.path_info) if request.path_info.startswith((PAGES, API)) else None
        if mounted is None:
            request.product = SimpleLazyObject(products.default)  # type: ignore[attr-defined]
            return self.get_response(request)
        try:
            product = products.named(mounted.name)
        except NoSuchProduct as error:
            request.product = SimpleLazyObject(products.default)  # type: ignore[attr-defined]
            return no_such_product(request, error)
        return self._answer(request, product, mounted)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Lead to a row's own product, and answer 410 where a retired product would change."""
        if isinstance(error, RowOfAnotherProduct):
            return _redirect(request, mount_of(error.product) + request.path_info.removeprefix("/"))
        return gone(request, error) if isinstance(error, ProductRetired) else None

    def _answer(self, request: HttpRequest, product: Product, mounted: _Mounted) -> HttpResponse:
        request.product = product  # type: ignore[attr-defined]
        if not request.path_info.startswith(API) and (elsewhere := _elsewhere(product, mounted)):
            return _redirect(request, elsewhere)
        if mounted.path_info in _ARTICLE:
            return page_not_found(request)  # the article's endpoint would score for the built-in product
        request.path_info, before = mounted.path_info, get_script_prefix()
        set_script_prefix(mounted.script_prefix)
        try:
            if product.retired and request.method not in SAFE:
                return gone(request, ProductRetired(product.title))
            return self.get_response(request)
        finally:
            set_script_prefix(before)


def _elsewhere(product: Product, mounted: _Mounted) -> str | None:
    """Return the address of what is not among a product's pages."""
    path = mounted.path_info
    if not path:  # the last slash is missing
        return mounted.script_prefix
    if path.startswith(_API):  # not the call without the product: it would be made for another one
        return f"{API}{product.name}/{path.removeprefix(_API)}"
    of_built_in = product.pk == BUILT_IN and path in _ARTICLE
    return path if path.startswith(WHOLE_SITE) or path in _PROBES or of_built_in else None


def _mounted(path: str) -> _Mounted | None:
    """Return where an address is within a product; None of the plain pages about products."""
    is_api = path.startswith(API)
    name, slash, rest = path.removeprefix(API if is_api else PAGES).partition("/")
    if not name or name in RESERVED_NAMES or (is_api and not rest):
        return None
    return _Mounted(name, f"/api/v1/{rest}" if is_api else f"{slash}{rest}", f"{PAGES}{name}/")


def _redirect(request: HttpRequest, path: str) -> HttpResponse:
    query, address = request.META.get("QUERY_STRING", ""), escape_uri_path(path)
    redirect = HttpResponseRedirect(f"{address}?{query}" if query else address)
    if request.method not in SAFE:
        keep_method(request, redirect)
    return redirect
