"""The products, remembered for a second, which saves a query at each call."""

import time
from dataclasses import dataclass

from predictions.errors import NoSuchProduct
from predictions.models import BUILT_IN, Product

CHECK_INTERVAL = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class _Known:
    read_at: float
    by_key: dict[int, Product]
    by_name: dict[str, Product]
    default: Product


_known: _Known | None = None


def product_of(request: object) -> Product:
    """Return the product that an address of the site is of; `requests.products` finds it."""
    product: Product = request.product  # type: ignore[attr-defined]
    return product


def default() -> Product:
    """Return the product of addresses that name none."""
    return _current().default


def remembered_default() -> Product | None:
    """Return the product of addresses that name none, if it need not be looked up now."""
    return _known.default if _known is not None and _is_fresh(_known) else None


def built_in() -> Product:
    """Return the product that comes with the release, which the article's endpoint serves."""
    return _current().by_key[BUILT_IN]


def named(name: str) -> Product:
    """Return a product by its name in addresses. Raises `NoSuchProduct`.

    An unknown name is looked up: another process may have added the product a moment ago.
    """
    if name not in _current().by_name:
        forget()
    try:
        return _current().by_name[name]
    except KeyError:
        raise NoSuchProduct(name) from None


def with_key(pk: int) -> Product:
    """Return the product of a row that refers to it."""
    if pk not in _current().by_key:
        forget()
    return _current().by_key[pk]


def every() -> list[Product]:
    """Return all products, the oldest first."""
    return list(_current().by_key.values())


def forget() -> None:
    """Ask the database at the next call: a product was added or changed in this process."""
    global _known  # noqa: PLW0603 - one value per process, replaced whole
    _known = None


def _current() -> _Known:
    global _known  # noqa: PLW0603
    if _known is None or not _is_fresh(_known):
        _known = _read()
    return _known


def _is_fresh(known: _Known) -> bool:
    return time.monotonic() - known.read_at < CHECK_INTERVAL


def _read() -> _Known:
    read_at = time.monotonic()
    products = list(Product.objects.order_by("pk"))
    for product in products:
        product.alone = len(products) == 1
    by_key = {product.pk: product for product in products}
    by_name = {product.name: product for product in products}
    return _Known(read_at, by_key, by_name, next(product for product in products if product.is_default))
