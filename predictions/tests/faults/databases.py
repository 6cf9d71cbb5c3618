"""The databases of sites under test, made, copied and asked past the product."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg


def beside(url: str, name: str, *, template: bool = False) -> str:
    """Make a PostgreSQL database on the same server, and return its URL; it replaces one of that name."""
    drop(url, name)
    copied = f' TEMPLATE "{name_of(url)}"' if template else ""
    _on_server(url, f'CREATE DATABASE "{name}"{copied}')
    return _renamed(url, name)


def drop(url: str, name: str) -> None:
    _on_server(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def name_of(url: str) -> str:
    return urlsplit(url).path[1:]


@contextmanager
def connection(url: str, file: Path) -> Iterator[Any]:
    """A connection on which each statement is a transaction, to `url` or, without one, to SQLite's `file`."""
    if url:
        with psycopg.connect(url, autocommit=True) as opened:
            yield opened
        return
    opened = sqlite3.connect(file, timeout=20, isolation_level=None)
    try:
        yield opened
    finally:
        opened.close()


def _renamed(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _on_server(url: str, statement: str) -> None:
    with psycopg.connect(_renamed(url, "postgres"), autocommit=True) as opened:
        opened.execute(statement)
