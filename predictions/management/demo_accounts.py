"""The demo accounts for a person at a terminal: a token is shown once, the way to another one always."""

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand

from predictions.services import accounts

CLIENT_USERNAME = "client"


def create_accounts(command: BaseCommand) -> None:
    """Create the accounts that are missing, and say how to use them all."""
    created = accounts.create_demo_accounts()
    command.stdout.write(
        f"Demo accounts: {' '.join(accounts.DEMO_ACCOUNTS)}; "
        f"password {accounts.DEMO_PASSWORD} (development only)"
    )
    if CLIENT_USERNAME in created:
        token = accounts.create_token(user=get_user_model().objects.get(username=CLIENT_USERNAME))
        command.stdout.write(f"API token of {CLIENT_USERNAME}, shown this once: {token}")
    else:
        command.stdout.write(
            f"Another API token of {CLIENT_USERNAME}: "
            f".venv/bin/python manage.py create_api_token {CLIENT_USERNAME}"
        )
