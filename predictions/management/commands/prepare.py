from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command

from ml.csv_tables import bytes_of, read_training_table
from ml.errors import MLError
from predictions.models import ModelVersion
from predictions.services import accounts


class Command(BaseCommand):
    help = "Make a checkout ready to serve: migrate, collect static files, demo accounts, a model."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="train on this file unless the active model did")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if not settings.PRODUCTION:
            self._accounts()
        if self._needs_model(options["data"]):
            call_command("train", data=options["data"], activate=True, stdout=self.stdout, stderr=self.stderr)

    def _accounts(self) -> None:
        created = accounts.create_demo_accounts()
        if created:
            self.stdout.write(
                f"Demo accounts: {' '.join(created)}; password {accounts.DEMO_PASSWORD} (development only)"
            )
        if "client" in created:
            client = get_user_model().objects.get(username="client")
            self.stdout.write(f"API token of client, shown this once: {accounts.create_token(user=client)}")

    def _needs_model(self, data: Path | None) -> bool:
        active = ModelVersion.objects.active().first()
        if active is None or data is None:
            return active is None
        try:
            return bool(read_training_table(data.name, bytes_of(data)).digest != active.data_digest)
        except MLError as error:
            raise CommandError(str(error)) from error
