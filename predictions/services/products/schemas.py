"""Versions of a product's schema."""

from datetime import datetime
from typing import Any, Protocol

from django.db import IntegrityError
from django.utils import timezone

from ml.applications.values import show_value
from ml.errors import InvalidValue
from predictions.errors import Conflict, InvalidFields
from predictions.live import products as live_products
from predictions.live.schemas import newest_schema_of
from predictions.models import BUILT_IN, Product, SchemaVersion
from predictions.models.querysets import AnyUser
from predictions.services.writing import audit
from predictions.services.writing.locks import write_transaction
from predictions.words.written import checked_reason

MAX_TITLE = 100  # characters


class DeclaredSchema(Protocol):
    """What a product takes from its schema, such as `ml.schemas.schema.Schema`."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def document(self) -> dict[str, Any]: ...

    @property
    def digest(self) -> str: ...


def newest_schema(product_id: int) -> SchemaVersion | None:
    """Return the newest version of a product's schema; None is the built-in product's first version."""
    return SchemaVersion.objects.filter(product=product_id).order_by("-number").first()


def add_schema_version(
    *, product: Product, schema: DeclaredSchema, by: AnyUser | None, reason: str, now: datetime | None = None
) -> SchemaVersion:
    """Add a version of a product's schema. Models trained from then on read it.

    The product is called as the version says at once.

    Raises
    ------
    InvalidFields
        If the schema is of another product or unchanged, or if the title or the reason is invalid.
    Conflict
        If another version was added meanwhile.
    """
    newest = newest_schema(product.pk)
    _check(product, schema, newest, reason)
    number = newest.number + 1 if newest else first_number(product.pk)
    try:
        with write_transaction():
            version = store_version(product, schema, number=number, by=by, reason=reason, now=now)
            Product.objects.filter(pk=product.pk).update(title=schema.title)
    except IntegrityError:
        raise Conflict(f"Schema {number} of {product.title} was added meanwhile. Review it first.") from None
    live_products.forget()
    return version


def first_number(product_id: int) -> int:
    """Return the number of a product's first row. The built-in product's first version is no row."""
    return 2 if product_id == BUILT_IN else 1


def store_version(
    product: Product,
    schema: DeclaredSchema,
    *,
    number: int,
    by: AnyUser | None,
    reason: str,
    now: datetime | None = None,
) -> SchemaVersion:
    """Store a checked version and its audit record; the caller opens the transaction."""
    version = SchemaVersion.objects.create(
        product_id=product.pk,
        number=number,
        digest=schema.digest,
        document=schema.document,
        by_id=by.pk if by else None,
        at=now or timezone.now(),
        reason=reason,
    )
    detail = {"product": product.name, "number": number, "digest": schema.digest, "reason": reason}
    audit.record(by=by, action="schema added", detail=detail, now=version.at)
    return version


def _check(product: Product, schema: DeclaredSchema, newest: SchemaVersion | None, reason: str) -> None:
    faults: dict[str, InvalidValue] = {}
    if schema.name != product.name:
        detail = f"The name is {schema.name!r}; expected {product.name!r}, the product's."
        faults["name"] = InvalidValue("invalid", detail)
    elif schema.digest == (newest.digest if newest else newest_schema_of(product.pk).digest):
        number = newest.number if newest else 1
        faults["schema"] = InvalidValue("unchanged", f"This is schema {number} as it stands.")
    faults |= title_faults(schema.title) | reason_faults(reason)
    if faults:
        raise InvalidFields(faults)


def title_faults(title: str) -> dict[str, InvalidValue]:
    """Return the fault of a product's title by its field; nothing if it is valid."""
    if 0 < len(title) <= MAX_TITLE and title.isprintable():
        return {}
    detail = f"{show_value(title)} is no title; expected 1 to {MAX_TITLE} printable characters."
    return {"title": InvalidValue("invalid", detail)}


def reason_faults(reason: str) -> dict[str, InvalidValue]:
    """Return the fault of a reason by its field; nothing if it is valid."""
    try:
        checked_reason(reason)
    except InvalidValue as error:
        return {"reason": error}
    return {}
