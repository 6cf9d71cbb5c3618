"""Demo accounts as commands create them and print their passwords and tokens."""

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand

from predictions.services import accounts

CLIENT_USERNAME = "client"


def create_accounts(command: BaseCommand) -> None:
    """Create the missing demo accounts, and print how to use all of them."""
    created = accounts.create_demo_accounts()
    command.stdout.write(
        f"Demo accounts: {' '.join(accounts.DEMO_ACCOUNTS)}; "
        f"password {accounts.DEMO_PASSWORD} (development only)"
    )
    if CLIENT_USERNAME in created:
        token = accounts.create_token(user=get_user_model().objects.get(username=CLIENT_USERNAME))
        command.stdout.write(f"API token of {CLIENT_USERNAME}, shown only once: {token}")
    else:
        command.stdout.write(
            f"Another API token of {CLIENT_USERNAME}: "
            f".venv/bin/python manage.py create_api_token {CLIENT_USERNAME}"
        )
