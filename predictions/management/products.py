"""The product of a command."""

from argparse import ArgumentParser

from django.core.management import CommandError

from predictions.errors import NoSuchProduct
from predictions.live import products
from predictions.models import Product


def add_product_option(parser: ArgumentParser) -> None:
    """Let a command take ``--product NAME``."""
    parser.add_argument("--product", metavar="NAME", help="name of a product (default: the site's default)")


def chosen_product(name: str | None) -> Product:
    """Return the product with this name, or the default one. Raises `CommandError` with the known names."""
    try:
        return products.default() if name is None else products.named(name)
    except NoSuchProduct as error:
        known = ", ".join(product.name for product in products.every())
        raise CommandError(f"{error} Known: {known}.") from None
