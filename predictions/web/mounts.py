"""Where a product's pages are, and how a page leads to a row of another product."""

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.urls import get_script_prefix, reverse, set_script_prefix

from predictions.live import products
from predictions.models import Product
from predictions.models.product import product_of_row

PAGES, API = "/products/", "/api/v1/products/"
PLAIN = frozenset({"new"})  # pages about products, which therefore are no names of products


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


def get_own(request: HttpRequest, rows: QuerySet, pk: int) -> Model:
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
    row: Model | None = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    key = product_of_row(row.product_id)  # type: ignore[attr-defined]
    if key != request.product.pk:
        raise RowOfAnotherProduct(products.with_key(key))
    return row
