import contextlib
import time
from collections.abc import Iterator
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import Error, OperationalError, connection, transaction

from predictions.services.writing.locks import exclusive_write_lock, is_sqlite_file

# Seconds that a migration waits for a table at once: fewer than a request waits, and requests wait behind it.
LOCK_TIMEOUT = 1
WAIT = 60
_TAKEN = {"55P03", "40P01"}  # PostgreSQL: lock not available, deadlock
_AGAIN = "stop the web processes and workers of the earlier version, and run this command again."


class Command(migrate.Command):
    """Migrates beside others who read and write, or says in a sentence why it stopped."""

    migration: Any = None  # the one under way

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--wait", type=float, default=WAIT, metavar="SECONDS",
            help=f"how long to try again while others use the tables (default: {WAIT})",
        )  # fmt: skip

    def check(self, *args: Any, **kwargs: Any) -> None:
        try:
            with transaction.atomic():
                pass
        except OperationalError as error:  # Django would take SQLite for one that knows no JSON
            reason = str(error).splitlines()[0]
            raise CommandError(
                f"The database cannot be used: {reason}. Nothing was changed; {_AGAIN}"
            ) from error
        super().check(*args, **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with (
                exclusive_write_lock() if is_sqlite_file() else _short_waits()
            ):  # writers of both versions queue behind it
                self._migrate(time.monotonic() + options["wait"], *args, **options)
        except Error as error:
            if self.migration is None:
                raise
            raise CommandError(self._sentence(error)) from error

    def _migrate(self, until: float, *args: Any, **options: Any) -> None:
        """Begin again where it stopped as long as others hold its tables: a migration is all or nothing."""
        while True:
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if not _taken(error) or time.monotonic() >= until:
                    raise
            self.stdout.write(f"\n{self.migration}: others use its tables. Trying again ...")
            time.sleep(LOCK_TIMEOUT)

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        if action in ("apply_start", "unapply_start"):
            self.migration = migration
        super().migration_progress_callback(action, migration, fake)

    def _sentence(self, error: Error) -> str:
        reason = str(error).splitlines()[0]
        return (
            f"{self.migration} is not carried out and left nothing behind: {reason}. "
            f"Migrations before it are done; {_AGAIN}"
        )


def _taken(error: Error) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in _TAKEN or "database is locked" in str(error)


@contextlib.contextmanager
def _short_waits() -> Iterator[None]:
    """On PostgreSQL, give up waiting for a table early: all who come later wait behind this connection."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{LOCK_TIMEOUT}s"])
    try:
        yield
    finally:
        with contextlib.suppress(Error), connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
