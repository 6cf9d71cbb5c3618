"""Read schemas, and name products, in commands."""

from pathlib import Path

from django.core.management import CommandError

from ml.errors import SchemaError
from ml.schemas.schema import Schema
from predictions.errors import NoSuchProduct
from predictions.live import products
from predictions.models import Product


def schema_in(path: Path) -> Schema:
    """Return the schema of a TOML file. Raises `CommandError` with every fault."""
    from ml.schemas.toml import read_schema

    try:
        return read_schema(path.read_bytes(), path.name)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
    except SchemaError as error:
        raise CommandError(str(error)) from error


def product_named(name: str) -> Product:
    """Return a product. Raises `CommandError` with the known names if there is none."""
    try:
        return products.named(name)
    except NoSuchProduct as error:
        known = ", ".join(product.name for product in products.every())
        raise CommandError(f"{error} Known: {known}.") from error
