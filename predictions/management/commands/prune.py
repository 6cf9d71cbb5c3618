import contextlib
import getpass
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date

from django.core.management import BaseCommand, CommandError

from predictions.errors import RetentionNotOver
from predictions.services.retention import pruning as retention
from predictions.services.retention.pruning import Pruning, count_prunable, prune


class Command(BaseCommand):
    help = "Delete predictions older than LOANSITE_RETENTION_MONTHS, with their decisions and notices."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--before", metavar="YYYY-MM-DD", help="delete only what is older than this earlier day"
        )
        parser.add_argument("--dry-run", action="store_true", help="count, but delete nothing")

    def handle(self, *args: object, before: str | None, dry_run: bool, **options: object) -> None:
        try:
            pruning = Pruning(retention.prune_limit(_parse_day(before)))
        except RetentionNotOver as error:
            raise CommandError(str(error)) from error
        if dry_run:
            count_prunable(pruning=pruning)
            self._print(pruning, "would be deleted")
        else:
            self._prune(pruning)

    def _prune(self, pruning: Pruning) -> None:
        state = "deleted; the prune was interrupted, run it again"
        try:
            with _sigterm_as_exit():
                prune(pruning=pruning, account=_account())
            state = "deleted"
        finally:
            self._print(pruning, state)

    def _print(self, pruning: Pruning, state: str) -> None:
        self.stdout.write(f"Older than {pruning.before:%Y-%m-%d}, {state}:")
        for name, rows in sorted(pruning.rows.items()):
            self.stdout.write(f"  {name:<13}{rows:>12,}")
        if pruning.waiting:
            self.stdout.write(f"Kept, since they wait for a decision: {pruning.waiting:,} predictions.")
        if pruning.busy:
            self.stdout.write(f"Kept until the next prune, since in use: {pruning.busy:,} predictions.")


def _parse_day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--before is {text!r}; expected a day such as 2024-10-01.") from None


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the user id has no name
        return str(os.getuid())


@contextlib.contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    """Turn SIGTERM into `SystemExit`, so that an interrupted prune is still recorded in the audit log."""
    previous = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
