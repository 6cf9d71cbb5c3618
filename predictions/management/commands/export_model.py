from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from ml.errors import MLError
from ml.sql import DIALECTS
from predictions.management.versions import version_named
from predictions.services.versions.export import FORMATS, TABLE, ExportedFile, export_version


class Command(BaseCommand):
    help = "Write a scorecard as JSON to read, or as SQL that scores a table where it lies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=int, metavar="ID")
        parser.add_argument("--format", choices=FORMATS, required=True)
        parser.add_argument("--dialect", choices=DIALECTS, help="of the SQL; mysql is MariaDB's, too")
        parser.add_argument("--table", help=f"that the SQL reads, also schema.table (default: {TABLE})")
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        made = self._export(options)
        if options["output"] is None:
            self.stdout.write(made.text, ending="")
            return
        try:
            options["output"].write_text(made.text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"{options['output']} is written.")

    def _export(self, options: dict[str, Any]) -> ExportedFile:
        chosen = {name: options[name] for name in ("format", "dialect", "table")}
        try:
            return export_version(version_named(options["version"]), **chosen)
        except MLError as error:
            raise CommandError(str(error)) from error
