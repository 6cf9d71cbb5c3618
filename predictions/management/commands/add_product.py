from argparse import ArgumentParser
from pathlib import Path

from django.core.management import BaseCommand, CommandError

from ml.schemas.schema import Schema
from predictions.errors import Conflict, InvalidFields, NoSuchProduct
from predictions.live import products
from predictions.live.schemas import newest_schema_of
from predictions.management.schemas import schema_in
from predictions.management.versions import print_idle_checks
from predictions.models import Product
from predictions.services.products.products import add_product
from predictions.services.products.schemas import add_schema_version
from predictions.words.schemas import schema_changes

FIRST_REASON = "Added as a product"


class Command(BaseCommand):
    help = (
        "Add a product from the TOML file of its schema, or a later version of a product's schema: "
        "then a --reason is required, and the differences are printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="schema, such as python -m ml draft-schema writes")
        parser.add_argument("--reason", default="", help="why; required for a later version")

    def handle(self, *args: object, file: Path, reason: str, **options: object) -> None:
        schema = schema_in(file)
        try:
            product = products.named(schema.name)
        except NoSuchProduct:
            product = None
        try:
            if product:
                self._add_version(product, schema, reason)
            else:
                self._add(schema, reason or FIRST_REASON)
        except (InvalidFields, Conflict) as error:
            raise CommandError(str(error)) from error

    def _add(self, schema: Schema, reason: str) -> None:
        product = add_product(schema=schema, by=None, reason=reason)
        self.stdout.write(self.style.SUCCESS(f"{product} is a product, with {len(schema.columns)} columns."))
        self.stdout.write(
            f"Train its first model: python manage.py train --product {product.name} --data FILE"
        )

    def _add_version(self, product: Product, schema: Schema, reason: str) -> None:
        if not reason:
            raise CommandError(
                f"There is a product {product.name!r} already. A later version needs a --reason."
            )
        changes = schema_changes(newest_schema_of(product.pk), schema)
        version = add_schema_version(product=product, schema=schema, by=None, reason=reason)
        self.stdout.write("\n".join(changes))
        self.stdout.write(self.style.SUCCESS(f"{version} is stored."))
        print_idle_checks(self, product.pk, schema)
        self.stdout.write("The form changes when a model trained by it becomes active.")
