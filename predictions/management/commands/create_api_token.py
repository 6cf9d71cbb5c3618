from argparse import ArgumentParser

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError

from predictions.services.accounts import create_token


class Command(BaseCommand):
    help = "Create an API token for a user and print it, alone, on standard output. It is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--days", type=int, help="days until it expires (default: never)")

    def handle(self, *args: object, user: str, days: int | None, **options: object) -> None:
        users = get_user_model().objects
        try:
            account = users.get(username=user)
        except users.model.DoesNotExist:
            raise CommandError(f"There is no user {user!r}.") from None
        if days is not None and days < 1:
            raise CommandError(f"--days is {days}; expected a whole number from 1.")
        self.stderr.write(f"New token of {account}. It is shown only once:")
        self.stdout.write(create_token(user=account, days=days))
