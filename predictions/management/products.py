"""The product that a command is about."""

from argparse import ArgumentParser, _ArgumentGroup

from django.core.management import CommandError

from predictions.errors import NoSuchProduct
from predictions.live import products
from predictions.models import Product


def add_product_option(parser: ArgumentParser | _ArgumentGroup) -> None:
    """Add ``--product NAME``, which a site with one product does not need."""
    parser.add_argument("--product", metavar="NAME", help="name in addresses (default: the default product)")


def chosen_product(name: str | None) -> Product:
    """Return a product, or the default one. Raises `CommandError` with the known names if there is none."""
    products.forget()
    if name is None:
        return products.default()
    try:
        return products.named(name)
    except NoSuchProduct as error:
        known = ", ".join(product.name for product in products.every())
        raise CommandError(f"{error} Known: {known}.") from None
