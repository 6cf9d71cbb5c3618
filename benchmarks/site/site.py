"""A fresh site in a temporary directory: its own database, keys, model and token."""

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.site.servers import ROOT, environment

_LONGEST = 3_600  # seconds
# Makes our server do the work of an access log, metrics and token scopes as well, if it knows the variables.
_STAND_INS = {"BENCH_PASSAGE": "benchmarks.calls.stand_ins.StandIns"}


@dataclass(frozen=True, slots=True)
class Site:
    """The directory and the database of a site."""

    var: Path
    database: str = ""  # a URL; SQLite in `var` without one

    @property
    def variables(self) -> dict[str, str]:
        own = {"DATABASE_URL": self.database} if self.database else {}
        return {"LOANSITE_VAR": str(self.var)} | _STAND_INS | own

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py and return its output."""
        return self.run(str(ROOT / "manage.py"), *arguments)

    def run(self, *arguments: str) -> str:
        """Run Python with this site's settings and return its output."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=environment(**self.variables),
            capture_output=True, text=True, timeout=_LONGEST, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def copy(self, var: Path) -> "Site":
        """Return a copy of the site in another directory."""
        shutil.copytree(self.var, var)
        return Site(var)


def prepare(var: Path, database: str = "") -> Site:
    """Migrate, make the demo accounts and train the default model on the synthetic sample."""
    site = Site(var, database)
    site.manage("prepare")
    return site


def fill(site: Site, stored: int) -> None:
    """Store `stored` predictions in a site and print the seconds."""
    started = time.perf_counter()
    site.run("-m", "benchmarks.site.stored_history", str(stored))
    kind = "PostgreSQL" if site.database else "SQLite"
    print(f"{kind}: {stored:,} stored in {time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)


def token(site: Site) -> str:
    """Return a new API token of the demo client."""
    return site.manage("create_api_token", "client").splitlines()[-1]
