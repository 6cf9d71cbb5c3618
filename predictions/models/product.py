from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q

BUILT_IN = 1  # the key of the built-in product, which a migration makes
RESERVED_NAMES = frozenset({"new"})  # of pages about products, beside those of each product
_M = TypeVar("_M", bound=models.Model)


class Product(models.Model):
    """A loan product: an application form, model versions, a policy and a queue of its own."""

    name = models.SlugField(max_length=63, unique=True, help_text="Name in addresses.")
    title = models.CharField(max_length=100)
    is_default = models.BooleanField(
        "default", default=False, help_text="Addresses that name no product mean this one."
    )
    retired_at = models.DateTimeField(
        null=True, help_text="Since when it takes no applications; empty if it does."
    )

    alone = False  # no other product exists; `predictions.live.products` says so

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_product"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def retired(self) -> bool:
        return self.retired_at is not None

    @property
    def stored_key(self) -> int | None:
        """The key in the product column of predictions, where the built-in product is NULL."""
        return stored_product(self.pk)


def stored_product(product_id: int) -> int | None:
    """Return the value of `Prediction.product` of a product's predictions."""
    return None if product_id == BUILT_IN else product_id


def product_of_row(stored: int | None) -> int:
    """Return the product of a prediction, from the value of its column."""
    return BUILT_IN if stored is None else stored


class SchemaVersion(models.Model):
    """A version of a product's schema. Never updated.

    The built-in product's first version is no row: it is part of the release.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="schema_versions", db_index=False)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the document.")
    document = models.JSONField(help_text="The schema, as `ml.schemas` writes it.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="one_schema_per_product_and_number")
        ]

    def __str__(self) -> str:
        return f"Schema {self.number} of {self.product.title}"


class OfProductQuerySet(models.QuerySet[_M]):
    """Rows of models that are a `ProductRow`."""

    def of_product(self, product: Product | int) -> Self:
        """Return the rows of a product, or of the product with this key."""
        return self.filter(product=product if isinstance(product, int) else product.pk)


class ProductRow(models.Model):
    """A row that names its product.

    The database makes it the built-in one unless a writer says otherwise: servers of the release before know
    no other.
    """

    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", db_index=False, default=BUILT_IN, db_default=BUILT_IN
    )

    class Meta:
        abstract = True

    @property
    def product_key(self) -> int:
        """The key of the product."""
        return product_of_row(self.product_id)
