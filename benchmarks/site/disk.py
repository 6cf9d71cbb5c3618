"""The size of a site's database on disk."""

import contextlib
import sqlite3
from pathlib import Path

from benchmarks.site.site import Site


def database_bytes(site: Site) -> int:
    """Return the size of the database after a checkpoint; on SQLite that of the file and its log."""
    return _postgres_bytes(site.database) if site.database else _sqlite_bytes(site.var)


def _sqlite_bytes(var: Path) -> int:
    (file,) = var.glob("*.sqlite3")
    with contextlib.closing(sqlite3.connect(file, timeout=60)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        log = file.with_name(f"{file.name}-wal")
        return file.stat().st_size + (log.stat().st_size if log.exists() else 0)


def _postgres_bytes(database: str) -> int:
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0
