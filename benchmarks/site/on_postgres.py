"""Sites with a PostgreSQL database of their own."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.site.servers import ROOT
from benchmarks.site.site import Site, prepare

# Databases are created there and dropped again. Without a server this part is left out.
POSTGRES = os.environ.get("BENCH_POSTGRES", "postgres://postgres@127.0.0.1:5432")


def answers() -> bool:
    command = [sys.executable, str(ROOT / "deploy/answers.py"), f"{POSTGRES}/postgres"]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


@contextlib.contextmanager
def site(var: Path) -> Iterator[Site]:
    """Prepare a site and drop its database at the end."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    database = f"bench_{os.getpid()}"
    name = Identifier(database)
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(name))
        try:
            yield prepare(var, database=f"{POSTGRES}/{database}")
        finally:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))
