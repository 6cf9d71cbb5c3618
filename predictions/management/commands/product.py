from argparse import ArgumentParser
from collections.abc import Callable

from django.core.management import BaseCommand, CommandError

from predictions.errors import Conflict, InvalidFields
from predictions.management.products import chosen_product
from predictions.models import Product
from predictions.services.products.products import bring_back_product, make_default, retire_product

ACTIONS: dict[str, tuple[Callable[..., Product], str]] = {
    "retire": (retire_product, "is retired. Its history can be read; nothing can be added or changed."),
    "bring_back": (bring_back_product, "takes applications."),
    "make_default": (make_default, "is the default product."),
}


class Command(BaseCommand):
    help = "Retire a product, bring it back, or make it the default one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name in addresses, such as car-loan")
        group = parser.add_mutually_exclusive_group(required=True)
        for action, words in (
            ("retire", "let it take no more applications"),
            ("bring_back", "let it take applications again"),
            ("make_default", "let addresses that name no product mean it"),
        ):
            option = f"--{action.replace('_', '-')}"
            group.add_argument(option, dest="action", action="store_const", const=action, help=words)
        parser.add_argument("--reason", required=True)

    def handle(self, *args: object, name: str, action: str, reason: str, **options: object) -> None:
        change, words = ACTIONS[action]
        try:
            product = change(product=chosen_product(name), by=None, reason=reason)
        except (InvalidFields, Conflict) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"{product} {words}"))
