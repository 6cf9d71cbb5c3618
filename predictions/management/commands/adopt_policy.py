from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from ml.errors import RulesError
from ml.scorecard.policy_rules import rules_to_json
from ml.scorecard.rule_reader import read_rules
from predictions.errors import Conflict, InvalidFields
from predictions.live.active_model import schema_in_use
from predictions.management.products import add_product_option, chosen_product
from predictions.models import Policy
from predictions.services.policies import policies
from predictions.words import policies as policy_words


def _number(text: str) -> float:
    return float(text) + 0.0  # -0 is 0


class Command(BaseCommand):
    help = (
        "Adopt a threshold and a refer band, from 0 to 1. Without --refer-low and --refer-high: no band. "
        "Rules, the limit of the amount and what a second person confirms are kept unless they are named."
    )

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
        parser.add_argument(
            "--rules",
            type=Path,
            metavar="FILE.toml",
            help="rules in place of those in force; an empty file: none",
        )
        limit = parser.add_mutually_exclusive_group()
        limit.add_argument("--limit-amount", type=_number, help="refer an amount above it")
        limit.add_argument("--no-limit-amount", action="store_true", help="no limit of the amount")
        add_product_option(parser)
        parser.add_argument("--reason", required=True)

    def handle(
        self,
        *args: object,
        product: str | None,
        no_refer_gaps: bool,
        remarks: str,
        reason: str,
        **options: Any,
    ) -> None:
        product_id = chosen_product(product).pk
        numbers = {name: options[name] for name in policies.PROBABILITY_FIELDS}
        newest = Policy.objects.of_product(product_id).newest()
        numbers |= {name: getattr(newest, name) for name in policies.KEPT_FIELDS}
        numbers |= _changed(product_id, options)
        policy = Policy(product_id=product_id, **numbers, refer_gaps=not no_refer_gaps, remarks=remarks)
        try:
            policies.adopt_policy(policy=policy, replaces=newest.pk, by=None, reason=reason)
        except (InvalidFields, Conflict) as error:
            raise CommandError(str(error)) from error
        sentences = " ".join(policy_words.policy_sentences(policy))
        self.stdout.write(self.style.SUCCESS(f"{policy} is in force. {sentences}"))
        if newest.refer_gaps and no_refer_gaps:
            self.stdout.write(self.style.WARNING(_GAPS_OFF))


_GAPS_OFF = (
    "Missing values refer nothing any more. To leave a value out may raise the probability: on the article's "
    "table, an application without its bad credit history rises from 0.1 to 0.75."
)


def _changed(product_id: int, options: dict[str, Any]) -> dict[str, Any]:
    """Return rules and limit, as far as the command names them."""
    changed: dict[str, Any] = {}
    if options["limit_amount"] is not None or options["no_limit_amount"]:
        changed["limit_amount"] = options["limit_amount"]
    if (path := options["rules"]) is not None:
        try:
            rules = read_rules(path.read_bytes(), schema_in_use(product_id), path.name)
        except (OSError, RulesError) as error:
            raise CommandError(str(error)) from error
        changed["rules"] = rules_to_json(rules) or None
    return changed
