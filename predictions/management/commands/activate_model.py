from argparse import ArgumentParser

from django.core.management import BaseCommand, CommandError

from ml.errors import MLError
from ml.reports import report
from predictions.errors import Conflict
from predictions.management.versions import activate_from_command, add_activation_options, version_named


class Command(BaseCommand):
    help = "Make a model version the active one, if it passes the gate. Exits with 3 if the gate refuses it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=int, metavar="ID")
        parser.add_argument("--reason", required=True)
        add_activation_options(parser)

    def handle(
        self,
        *args: object,
        version: int,
        reason: str,
        override: bool,
        confirm_means: bool,
        **options: object,
    ) -> None:
        try:
            model_version = version_named(version)
            activate_from_command(
                self, model_version, reason=reason, override=override, confirm_means=confirm_means
            )
        except (MLError, Conflict) as error:
            raise CommandError(str(error)) from error
        for note in report.protected_lines(model_version.protected_columns):
            self.stdout.write(self.style.WARNING(note))
