"""The demo accounts for a person at a terminal: the token is shown this once."""

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand

from predictions.services import accounts


def create_accounts(command: BaseCommand) -> None:
    created = accounts.create_demo_accounts()
    if created:
        command.stdout.write(
            f"Demo accounts: {' '.join(created)}; password {accounts.DEMO_PASSWORD} (development only)"
        )
    if "client" in created:
        token = accounts.create_token(user=get_user_model().objects.get(username="client"))
        command.stdout.write(f"API token of client, shown this once: {token}")
