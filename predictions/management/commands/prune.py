import contextlib
import getpass
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.management import BaseCommand, CommandError

from predictions.errors import RetentionNotOver
from predictions.services.retention import pruning as retention
from predictions.services.retention.pruning import Pruning, count_prunable, prune


class Command(BaseCommand):
    help = "Delete predictions older than LOANSITE_RETENTION_MONTHS, and what stands beside them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--before", metavar="YYYY-MM-DD", help="an earlier day than the retention's")
        parser.add_argument("--dry-run", action="store_true", help="count, delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            pruning = Pruning(retention.prune_limit(_day(options["before"])))
        except RetentionNotOver as error:
            raise CommandError(str(error)) from error
        if options["dry_run"]:
            count_prunable(pruning=pruning)
            self._print(pruning, "would be deleted")
        else:
            self._prune(pruning)

    def _prune(self, pruning: Pruning) -> None:
        said = "deleted before something ended this prune; run it again"
        try:
            with _ended_in_order():
                prune(pruning=pruning, account=_account())
            said = "deleted"
        finally:
            self._print(pruning, said)

    def _print(self, pruning: Pruning, said: str) -> None:
        self.stdout.write(f"Older than {pruning.before:%Y-%m-%d}, {said}:")
        for name, rows in sorted(pruning.rows.items()):
            self.stdout.write(f"  {name:<13}{rows:>12,}")
        if pruning.waiting:
            self.stdout.write(f"Kept, since they wait for a decision: {pruning.waiting:,} predictions.")
        if pruning.busy:
            self.stdout.write(f"Kept until the next prune, since in use: {pruning.busy:,} predictions.")


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--before is {text!r}; expected a day such as 2024-10-01.") from None


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the machine has no name for it
        return str(os.getuid())


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a request to end be an exception, so that what was done is still put on record."""
    earlier = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)
