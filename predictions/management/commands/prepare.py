from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from ml.errors import MLError
from ml.tables.plausibility import CONFIRM_HELP
from ml.tables.training_csv import read_file_bytes, read_training_table
from predictions.live import artefact_copies, products
from predictions.live.schemas import newest_schema_of
from predictions.management.demo_accounts import create_accounts
from predictions.models import BUILT_IN, ModelVersion

NO_MODEL = (
    "No model was trained: synthetic sample data is not used in production. /readyz answers 503 no_model "
    "until a model is active. Train one with: manage.py train --data FILE --activate"
)


class Command(BaseCommand):
    help = "Make a checkout ready to serve: migrate, collect static files, create demo accounts and a model."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--data", type=Path, help="train on this file unless the active version was trained on it"
        )
        parser.add_argument("--confirm", action="append", default=[], metavar="COLUMN", help=CONFIRM_HELP)

    def handle(self, *args: object, data: Path | None, confirm: list[str], **options: object) -> None:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if not settings.PRODUCTION:
            create_accounts(self)
        artefact_copies.keep_copies()
        if not self._needs_model(data):
            return
        if settings.PRODUCTION and data is None:
            self.stdout.write(self.style.WARNING(NO_MODEL))
            return
        call_command(
            "train",
            product=products.built_in().name,
            data=data,
            confirm=confirm,
            activate=True,
            stdout=self.stdout,
            stderr=self.stderr,
        )

    def _needs_model(self, data: Path | None) -> bool:
        active = ModelVersion.objects.of_product(BUILT_IN).active().first()
        if active is None or data is None:
            return active is None
        try:
            return bool(
                read_training_table(newest_schema_of(BUILT_IN), data.name, read_file_bytes(data)).digest
                != active.data_digest
            )
        except MLError as error:
            raise CommandError(str(error)) from error
