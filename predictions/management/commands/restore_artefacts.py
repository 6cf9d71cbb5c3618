from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from ml.errors import ArtefactError
from predictions.management.versions import version_named
from predictions.models import ModelVersion
from predictions.services.versions import artefact_copies


class Command(BaseCommand):
    help = "Write artefacts that are missing or broken again, from their copies in the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "version", type=int, nargs="*", help="ids; without any, all versions are looked at"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        named = [version_named(version_id) for version_id in options["version"]]
        lost = [version for version in named or ModelVersion.objects.all() if not self._restore(version)]
        if lost:
            raise CommandError(f"Not restored: {', '.join(str(version.pk) for version in lost)}.")

    def _restore(self, version: ModelVersion) -> bool:
        try:
            written = artefact_copies.restore_artefact(version)
        except ArtefactError as error:
            self.stderr.write(f"{version}: {error}")
            return False
        self.stdout.write(f"{version}: {'written again' if written else 'its file is good'}.")
        return True
