"""Names of products in addresses, and of columns in files and databases."""

import re

PRODUCT_NAME, MAX_PRODUCT_NAME = r"^[a-z0-9]+(-[a-z0-9]+)*\Z", 50
MAX_NAME_BYTES = 63  # PostgreSQL cuts longer names
NOT_IN_NAMES = frozenset("`")  # formulas quote names in back-ticks


def product_name_of(title: str) -> str:
    """Return a product's name in addresses, made of its title; empty if no letter a to z or digit is in it.

    Examples
    --------
    >>> product_name_of("Car loan (used)"), product_name_of("...")
    ('car-loan-used', '')
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:MAX_PRODUCT_NAME].strip("-")


def is_column_name(heading: str) -> bool:
    """Return True if a schema can call a column as a heading, which has no space at either end."""
    printable = heading.isprintable() and not NOT_IN_NAMES & {*heading}
    return printable and 0 < len(heading.encode()) <= MAX_NAME_BYTES
