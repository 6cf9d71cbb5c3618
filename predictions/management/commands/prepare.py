from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from ml.errors import MLError
from ml.tables.plausibility import CONFIRM_HELP, CONFIRMABLE
from ml.tables.training_csv import read_file_bytes, read_training_table
from predictions.management.demo_accounts import create_accounts
from predictions.models import ModelVersion
from predictions.services.versions import artefact_copies

NO_MODEL = (
    "No model was made: made-up sample data has no place in production. "
    "/readyz answers 503 no_model until one is active: manage.py train --data FILE --activate"
)


class Command(BaseCommand):
    help = "Make a checkout ready to serve: migrate, collect static files, demo accounts, a model."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="train on this file unless the active model did")
        parser.add_argument("--confirm", choices=CONFIRMABLE, action="append", default=[], help=CONFIRM_HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if not settings.PRODUCTION:
            create_accounts(self)
        artefact_copies.keep_copies()
        if not self._needs_model(options["data"]):
            return
        if settings.PRODUCTION and options["data"] is None:
            self.stdout.write(self.style.WARNING(NO_MODEL))
            return
        wish = {"data": options["data"], "confirm": options["confirm"], "activate": True}
        call_command("train", **wish, stdout=self.stdout, stderr=self.stderr)

    def _needs_model(self, data: Path | None) -> bool:
        active = ModelVersion.objects.active().first()
        if active is None or data is None:
            return active is None
        try:
            return bool(read_training_table(data.name, read_file_bytes(data)).digest != active.data_digest)
        except MLError as error:
            raise CommandError(str(error)) from error
