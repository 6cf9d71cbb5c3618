"""Add products, retire them, bring them back, and choose the default one. All is in the audit log."""

import re
from datetime import datetime

from django.db import IntegrityError
from django.utils import timezone

from ml.applications.values import show_value
from ml.errors import InvalidValue
from ml.schemas.names import MAX_PRODUCT_NAME, PRODUCT_NAME
from predictions.errors import Conflict, InvalidFields
from predictions.live import products as live_products
from predictions.models import Policy, Product
from predictions.models.product import RESERVED_NAMES
from predictions.models.querysets import AnyUser
from predictions.services.products.schemas import (
    DeclaredSchema,
    first_number,
    reason_faults,
    store_version,
    title_faults,
)
from predictions.services.writing import audit
from predictions.services.writing.locks import write_transaction

THRESHOLD = 0.5
_FIRST_POLICY = "First policy of the product"


def add_product(
    *, schema: DeclaredSchema, by: AnyUser | None, reason: str, now: datetime | None = None
) -> Product:
    """Add a product with the first version of its schema and a first policy.

    Raises
    ------
    InvalidFields
        If the name cannot be part of an address, or if the title or the reason is invalid.
    Conflict
        If there is a product of this name.
    """
    if faults := name_faults(schema.name) | title_faults(schema.title) | reason_faults(reason):
        raise InvalidFields(faults)
    now = now or timezone.now()
    try:
        with write_transaction():
            product = Product.objects.create(name=schema.name, title=schema.title)
            audit.record(by=by, action="product added", detail=_detail(product, reason), now=now)
            store_version(product, schema, number=first_number(product.pk), by=by, reason=reason, now=now)
            _add_first_policy(product, by, now)
    except IntegrityError:
        raise Conflict(f"There is a product {show_value(schema.name)} already.") from None
    live_products.forget()
    return product


def retire_product(
    *, product: Product, by: AnyUser | None, reason: str, now: datetime | None = None
) -> Product:
    """Let a product take no more applications. To retire it again changes nothing.

    Raises
    ------
    InvalidFields
        If the reason is invalid.
    Conflict
        If it is the default product: the site's plain addresses need one.
    """
    _check_reason(reason)
    now = now or timezone.now()
    with write_transaction():
        product = Product.objects.select_for_update().get(pk=product.pk)
        if product.is_default:
            raise Conflict(f"{product.title} is the default product. Make another one the default first.")
        if not product.retired:
            product.retired_at = now
            _save(product, "retired_at", by=by, action="product retired", reason=reason, now=now)
    live_products.forget()
    return product


def bring_back_product(
    *, product: Product, by: AnyUser | None, reason: str, now: datetime | None = None
) -> Product:
    """Let a retired product take applications again. Raises `InvalidFields` if the reason is invalid."""
    _check_reason(reason)
    with write_transaction():
        product = Product.objects.select_for_update().get(pk=product.pk)
        if product.retired:
            product.retired_at = None
            _save(product, "retired_at", by=by, action="product brought back", reason=reason, now=now)
    live_products.forget()
    return product


def make_default(
    *, product: Product, by: AnyUser | None, reason: str, now: datetime | None = None
) -> Product:
    """Let addresses that name no product mean this one.

    Raises
    ------
    InvalidFields
        If the reason is invalid.
    Conflict
        If the product is retired.
    """
    _check_reason(reason)
    with write_transaction():
        # All rows, in one order: of two changes at the same time, the second one waits.
        by_key = {row.pk: row for row in Product.objects.select_for_update().order_by("pk")}
        product = by_key[product.pk]
        if product.retired:
            raise Conflict(f"{product.title} is retired. Bring it back first.")
        if not product.is_default:
            Product.objects.filter(is_default=True).update(is_default=False)
            product.is_default = True
            _save(product, "is_default", by=by, action="default product", reason=reason, now=now)
    live_products.forget()
    return product


def _save(
    product: Product, field: str, *, by: AnyUser | None, action: str, reason: str, now: datetime | None
) -> None:
    product.save(update_fields=[field])
    audit.record(by=by, action=action, detail=_detail(product, reason), now=now)


def _add_first_policy(product: Product, by: AnyUser | None, now: datetime) -> None:
    Policy.objects.create(
        product_id=product.pk,
        threshold=THRESHOLD,
        reason=_FIRST_POLICY,
        by_id=by.pk if by else None,
        at=now,
    )


def _detail(product: Product, reason: str) -> dict[str, str]:
    return {"product": product.name, "title": product.title, "reason": reason}


def _check_reason(reason: str) -> None:
    if faults := reason_faults(reason):
        raise InvalidFields(faults)


def name_faults(name: str) -> dict[str, InvalidValue]:
    """Return the fault of a product's name by its field; nothing if it can be part of an address."""
    if len(name) <= MAX_PRODUCT_NAME and re.match(PRODUCT_NAME, name) and name not in RESERVED_NAMES:
        return {}
    reserved = ", ".join(sorted(RESERVED_NAMES))
    detail = (
        f"{show_value(name)} cannot be part of an address; expected 1 to {MAX_PRODUCT_NAME} of a to z, "
        f"0 to 9 and single hyphens between them, and not {reserved}."
    )
    return {"name": InvalidValue("invalid", detail)}
