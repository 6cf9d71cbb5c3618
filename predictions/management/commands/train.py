from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from ml import report
from ml.errors import MLError
from ml.progress import ProgressLine
from ml.recipe_titles import TITLES
from predictions.services import registry
from predictions.services.training import train_version


class Command(BaseCommand):
    help = "Train a model version on a CSV file; without one, on synthetic sample data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="CSV with the data set's columns")
        parser.add_argument("--recipe", choices=TITLES, default="scorecard")
        parser.add_argument("--activate", action="store_true", help="make it the active version")
        parser.add_argument("--reason", default="Activated when it was trained", help="why it is activated")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with ProgressLine() as progress:
                version = train_version(data=options["data"], recipe=options["recipe"], progress=progress)
            self._print(version)
            if options["activate"]:
                registry.activate(version_id=version.pk, by=None, reason=options["reason"])
                self.stdout.write(self.style.SUCCESS(f"{version} is active."))
        except MLError as error:
            raise CommandError(str(error)) from error

    def _print(self, version: Any) -> None:
        if version.synthetic:
            self.stdout.write(self.style.WARNING("Trained on synthetic sample data."))
        for note in report.protected_lines(version.protected_columns):
            self.stdout.write(self.style.WARNING(note))
        self.stdout.write("\n".join(report.lines(version.report)))
        self.stdout.write(f"{version} is a candidate.")
