from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from predictions.errors import Conflict, InvalidFields
from predictions.models import Policy
from predictions.services.policies import policies
from predictions.words import policies as policy_words


def _number(text: str) -> float:
    return float(text) + 0.0  # -0 is 0


class Command(BaseCommand):
    help = "Put a threshold and a refer band (from 0 to 1) in force; without --refer-low and -high: no band."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--threshold", type=_number, required=True, help="approve from this one up")
        parser.add_argument("--refer-low", type=_number, help="refer from this probability")
        parser.add_argument("--refer-high", type=_number, help="up to this one, not included")
        parser.add_argument("--no-refer-gaps", action="store_true", help="do not refer for missing values")
        parser.add_argument(
            "--remarks",
            choices=Policy.Remarks.values,
            default=Policy.Remarks.REFER.value,
            help="whether a remark about a value refers an application (default: %(default)s)",
        )
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        policy = Policy(
            **{name: options[name] for name in (*policies.SHARE_FIELDS, "remarks")},
            refer_gaps=not options["no_refer_gaps"],
        )
        newest = Policy.objects.newest()
        try:
            policies.adopt_policy(policy=policy, replaces=newest.pk, by=None, reason=options["reason"])
        except (InvalidFields, Conflict) as error:
            raise CommandError(str(error)) from error
        said = " ".join(policy_words.policy_sentences(policy))
        self.stdout.write(self.style.SUCCESS(f"{policy} is in force. {said}"))
