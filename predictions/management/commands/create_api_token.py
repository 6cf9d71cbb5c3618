from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError

from predictions.services.accounts import create_token


class Command(BaseCommand):
    help = "Print a new API token of a user, alone on standard output. It is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--days", type=int, help="days until it expires (default: never)")

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model().objects
        try:
            user = users.get(username=options["user"])
        except users.model.DoesNotExist:
            raise CommandError(f"There is no user {options['user']!r}.") from None
        if options["days"] is not None and options["days"] < 1:
            raise CommandError(f"--days is {options['days']}; expected a whole number from 1.")
        self.stderr.write(f"A new token of {user}; keep it safe, it cannot be shown again:")
        self.stdout.write(create_token(user=user, days=options["days"]))
