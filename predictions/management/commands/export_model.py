from argparse import ArgumentParser
from pathlib import Path

from django.core.management import BaseCommand, CommandError

from ml.errors import MLError
from ml.sql import DIALECTS
from predictions.management.versions import version_named
from predictions.services.versions.export import FORMATS, TABLE, ExportedFile, export_version


class Command(BaseCommand):
    help = "Export a scorecard as JSON, or as SQL that scores a table in its database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=int, metavar="ID")
        parser.add_argument("--format", choices=FORMATS, required=True)
        parser.add_argument("--dialect", choices=DIALECTS, help="SQL dialect (mysql also for MariaDB)")
        parser.add_argument("--table", help=f"table to read, may be schema.table (default: {TABLE})")
        parser.add_argument(
            "--key", help="column of the table that tells rows apart (default: the product's ID)"
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(
        self,
        *args: object,
        version: int,
        format: str,
        dialect: str | None,
        table: str | None,
        key: str | None,
        output: Path | None,
        **options: object,
    ) -> None:
        try:
            file = export_version(
                version_named(version), format=format, dialect=dialect, table=table, key=key
            )
        except MLError as error:
            raise CommandError(str(error)) from error
        if output is None:
            self.stdout.write(file.text, ending="")
        else:
            self._write(file, output)

    def _write(self, file: ExportedFile, output: Path) -> None:
        try:
            output.write_text(file.text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"{output} is written.")
