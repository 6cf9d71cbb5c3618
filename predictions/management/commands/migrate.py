import contextlib
import time
from collections.abc import Iterator
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import Error, OperationalError, connection, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from predictions.services.queue.bare_entries import complete_entries
from predictions.services.writing.locks import exclusive_write_lock, is_sqlite_file

# Seconds that a migration waits for a lock on a table. Requests that queue behind it may wait longer.
LOCK_TIMEOUT = 1
WAIT = 60
_LOCK_SQLSTATES = {"55P03", "40P01"}  # PostgreSQL: lock not available, deadlock
_ADVICE = "stop the web processes and workers of the earlier version, and run this command again."


class Command(migrate.Command):
    """Migrate while other processes read and write, or report in a sentence why the command stopped."""

    migration: Migration | None = None  # the migration being applied

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--wait", type=float, default=WAIT, metavar="SECONDS",
            help=f"how long to retry while other processes use the tables (default: {WAIT})",
        )  # fmt: skip

    def check(self, *args: Any, **kwargs: Any) -> None:
        try:
            with transaction.atomic():
                pass
        except OperationalError as error:  # Django's check would report that SQLite lacks JSON
            reason = str(error).splitlines()[0]
            raise CommandError(
                f"The database cannot be used: {reason}. Nothing was changed; {_ADVICE}"
            ) from error
        super().check(*args, **kwargs)

    def handle(self, *args: object, wait: float, **options: object) -> None:
        # Writers of both versions queue behind the lock of SQLite's file.
        lock = exclusive_write_lock() if is_sqlite_file() else _short_lock_timeout()
        try:
            with lock:
                self._migrate(time.monotonic() + wait, *args, **options)
        except Error as error:
            if self.migration is None:
                raise
            raise CommandError(self._describe_failure(error)) from error
        if _is_up_to_date():
            complete_entries()

    def _migrate(self, deadline: float, *args: object, **options: object) -> None:
        """Migrate, and retry while other processes lock tables. No migration is applied in part."""
        while True:
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if not _is_locked(error) or time.monotonic() >= deadline:
                    raise
            self.stdout.write(f"\n{self.migration}: other processes use its tables. Trying again ...")
            time.sleep(LOCK_TIMEOUT)

    def migration_progress_callback(
        self, action: str, migration: Migration | None = None, fake: bool = False
    ) -> None:
        if action in ("apply_start", "unapply_start"):
            self.migration = migration
        super().migration_progress_callback(action, migration, fake)

    def _describe_failure(self, error: Error) -> str:
        reason = str(error).splitlines()[0]
        return (
            f"{self.migration} was not applied and changed nothing: {reason}. "
            f"Migrations before it are applied; {_ADVICE}"
        )


def _is_up_to_date() -> bool:
    """Return True if the tables are those of this release. An option may name an earlier migration."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes("predictions"))


def _is_locked(error: Error) -> bool:
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    return sqlstate in _LOCK_SQLSTATES or "database is locked" in str(error)


@contextlib.contextmanager
def _short_lock_timeout() -> Iterator[None]:
    """Set a short lock timeout on PostgreSQL: other requests queue behind a connection that waits."""
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
