from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from ml import report
from ml.errors import MLError
from predictions.errors import Conflict
from predictions.models import ModelVersion
from predictions.services import registry


class Command(BaseCommand):
    help = "Make a model version the active one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=int, metavar="ID")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = registry.activate(version_id=options["version"], by=None, reason=options["reason"])
        except ModelVersion.DoesNotExist:
            known = ", ".join(map(str, ModelVersion.objects.values_list("pk", flat=True))) or "none"
            raise CommandError(f"There is no version {options['version']}; known: {known}.") from None
        except (MLError, Conflict) as error:
            raise CommandError(str(error)) from error
        for note in report.protected_lines(version.protected_columns):
            self.stdout.write(self.style.WARNING(note))
        self.stdout.write(self.style.SUCCESS(f"{version} is active."))
