"""A whole site in a directory of its own: settings, database, commands and servers, as in an operation."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.tests.helpers.tables import ROOT
from predictions.tests.faults import databases
from predictions.tests.faults.caller import Caller
from predictions.tests.faults.processes import Process, free_port, started, until

LONGEST = 180  # seconds that a command may take
DOOMED = ("-m", "predictions.tests.faults.doomed")


@dataclass(frozen=True, slots=True)
class Site:
    """`database` is a PostgreSQL URL, or empty for SQLite."""

    var: Path
    database: str

    def environment(self) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith("LOANSITE_") and k != "DATABASE_URL"}
        own |= {"DJANGO_SETTINGS_MODULE": "loansite.settings", "LOANSITE_VAR": str(self.var)}
        return own | ({"DATABASE_URL": self.database} if self.database else {})

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run Python with this site's settings until it ends, however it ends."""
        return subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment(),
            capture_output=True, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py and return what it prints."""
        done = self.run("manage.py", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def background(self, *arguments: str) -> AbstractContextManager[Process]:
        """Run Python beside the test; what it says is in `log`."""
        return started([sys.executable, *arguments], self.environment(), self.log)

    @property
    def log(self) -> Path:
        return self.var / "background.log"

    @contextmanager
    def web(self) -> Iterator[tuple[Process, int]]:
        """Serve as `make run` does, with two workers; yield gunicorn's master and the port."""
        port = free_port()
        gunicorn = ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
        with self.background(*gunicorn, "loansite.wsgi") as process:
            until(lambda: _answers(port) or process.poll() is not None)
            assert process.poll() is None, self.log.read_text()
            yield process, port

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database, past the product."""
        with databases.connection(self.database, self.var / "db.sqlite3") as opened:
            return [tuple(row) for row in opened.execute(sql)]

    def change(self, *statements: str) -> None:
        """Write to the database, past the product."""
        with databases.connection(self.database, self.var / "db.sqlite3") as opened:
            for statement in statements:
                opened.execute(statement)

    def copy(self, var: Path) -> "Site":
        """Return the same site in another directory, with a database of its own."""
        shutil.copytree(self.var, var)
        if not self.database:
            return Site(var, "")
        name = f"{databases.name_of(self.database)}_copy"
        return Site(var, databases.beside(self.database, name, template=True))


def _answers(port: int) -> bool:
    with Caller(port) as caller:
        return caller.get("/livez").status == 200
