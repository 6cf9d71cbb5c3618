from argparse import ArgumentParser

from django.core.management import BaseCommand, CommandError

from ml.errors import ArtefactError
from predictions.live import artefact_copies
from predictions.management.versions import version_named
from predictions.models import ModelVersion


class Command(BaseCommand):
    help = "Restore missing or damaged artefacts from their copies in the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=int, nargs="*", help="ids of versions (default: all versions)")

    def handle(self, *args: object, version: list[int], **options: object) -> None:
        versions = [version_named(version_id) for version_id in version] or ModelVersion.objects.all()
        failed = [str(version.pk) for version in versions if not self._restore(version)]
        if failed:
            raise CommandError(f"Not restored: {', '.join(failed)}.")

    def _restore(self, version: ModelVersion) -> bool:
        try:
            written = artefact_copies.restore_artefact(version)
        except ArtefactError as error:
            self.stderr.write(f"{version}: {error}")
            return False
        self.stdout.write(f"{version}: {'restored' if written else 'the artefact is intact'}.")
        return True
