from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from ml.errors import MLError
from ml.reports import report
from predictions.errors import Conflict
from predictions.management.versions import activate_from_command, version_named


class Command(BaseCommand):
    help = "Make a model version the active one, if the gate lets it through (refused: exit 3)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=int, metavar="ID")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--override", action="store_true", help="activate it even if the gate refuses it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = version_named(options["version"])
            activate_from_command(self, version, reason=options["reason"], override=options["override"])
        except (MLError, Conflict) as error:
            raise CommandError(str(error)) from error
        for note in report.protected_lines(version.protected_columns):
            self.stdout.write(self.style.WARNING(note))
