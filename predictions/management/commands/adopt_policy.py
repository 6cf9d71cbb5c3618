from argparse import ArgumentParser

from django.core.management import BaseCommand, CommandError

from predictions.errors import Conflict, InvalidFields
from predictions.management.products import add_product_option, chosen_product
from predictions.models import Policy
from predictions.services.policies import policies
from predictions.words import policies as policy_words


def _number(text: str) -> float:
    return float(text) + 0.0  # -0 is 0


class Command(BaseCommand):
    help = "Adopt a threshold and a refer band, from 0 to 1. Without --refer-low and --refer-high: no band."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--threshold", type=_number, required=True, help="approve from this probability up"
        )
        parser.add_argument("--refer-low", type=_number, help="start of the refer band (included)")
        parser.add_argument("--refer-high", type=_number, help="end of the refer band (not included)")
        parser.add_argument("--no-refer-gaps", action="store_true", help="do not refer for missing values")
        parser.add_argument(
            "--remarks",
            choices=Policy.Remarks.values,
            default=Policy.Remarks.REFER.value,
            help="whether a remark about a value refers the application (default: %(default)s)",
        )
        add_product_option(parser)
        parser.add_argument("--reason", required=True)

    def handle(
        self,
        *args: object,
        product: str | None,
        no_refer_gaps: bool,
        remarks: str,
        reason: str,
        **options: object,
    ) -> None:
        product_id = chosen_product(product).pk
        numbers = {name: options[name] for name in policies.PROBABILITY_FIELDS}
        newest = Policy.objects.of_product(product_id).newest()
        numbers |= {name: getattr(newest, name) for name in policies.KEPT_FIELDS}
        policy = Policy(product_id=product_id, **numbers, refer_gaps=not no_refer_gaps, remarks=remarks)
        try:
            policies.adopt_policy(policy=policy, replaces=newest.pk, by=None, reason=reason)
        except (InvalidFields, Conflict) as error:
            raise CommandError(str(error)) from error
        sentences = " ".join(policy_words.policy_sentences(policy))
        self.stdout.write(self.style.SUCCESS(f"{policy} is in force. {sentences}"))
