"""Where a product's pages are, and how a page leads to a row of another product."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import get_script_prefix, reverse, set_script_prefix

from predictions.live import products
from predictions.models import Prediction, Product
from predictions.models.product import ProductRow

Row = TypeVar("Row", bound=Prediction | ProductRow)
PAGES, API = "/products/", "/api/v1/products/"


class RowOfAnotherProduct(Exception):
    """An address names a row of another product than the one that it is below."""

    def __init__(self, product: Product) -> None:
        super().__init__(product.name)
        self.product = product


def mount_of(product: Product) -> str:
    """Return the address below which a product's pages are."""
    return "/" if product.is_default else f"{PAGES}{product.name}/"


def address_in(product: Product, name: str, *args: object) -> str:
    """Return the address of a named page of a product, wherever the request is."""
    before = get_script_prefix()
    set_script_prefix(mount_of(product))
    try:
        return reverse(name, args=args)
    finally:
        set_script_prefix(before)


def application_link(request: HttpRequest) -> Callable[[int], str]:
    """Return a function that writes the absolute address of an application of the request's product."""
    place = request.build_absolute_uri(address_in(products.product_of(request), "application_detail", 0))
    start = place.removesuffix("0/")
    return lambda pk: f"{start}{pk}/"


class ProductLink(NamedTuple):
    """A product in the menu of the header."""

    title: str
    address: str
    current: bool
    retired: bool


class ProductMenu(NamedTuple):
    """The product of a page, and a link to the desk of each product."""

    title: str
    links: list[ProductLink]


def product_menu(product: Product) -> ProductMenu | None:
    """Return the menu of products; None while there is one product, which nobody needs to name."""
    if product.alone:
        return None
    links = [
        ProductLink(other.title, mount_of(other), other.pk == product.pk, other.retired)
        for other in products.every()
    ]
    return ProductMenu(product.title, links)


def get_own(request: HttpRequest, rows: QuerySet[Row], pk: int) -> Row:
    """Return a row of the request's product.

    Parameters
    ----------
    rows
        The rows of all products that the user may see.

    Raises
    ------
    RowOfAnotherProduct
        If the row is of another product: the middleware redirects to the same page of that product.
    Http404
        If there is no such row.
    """
    row = get_object_or_404(rows, pk=pk)
    require_own(request, row)
    return row


def require_own(request: HttpRequest, row: Prediction | ProductRow) -> None:
    """Raise `RowOfAnotherProduct` unless a row is of the request's product."""
    key = row.product_key
    if key != products.product_of(request).pk:
        raise RowOfAnotherProduct(products.with_key(key))
