"""Databases that `manage.py score` reads: each with a table of applications that is gone afterwards."""

import os
import sqlite3
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import environ
import pytest

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tests.helpers.databases import MYSQL, POSTGRES, mysql_options, named_server

SCHEMA = built_in()

FIELDS = (LOAN_ID, *SCHEMA.columns)


@dataclass(frozen=True)
class Database:
    """`config` is what stands in the settings, `table` what holds the applications."""

    config: dict[str, Any]
    connection: Any
    quote: str
    mark: str
    number: str
    table: str

    def ask(self, sql, *rows):
        with closing(self.connection.cursor()) as cursor:
            if rows:
                cursor.executemany(sql, rows)
            else:
                cursor.execute(sql)
            found = list(cursor.fetchall()) if cursor.description else []
        self.connection.commit()
        return found

    def fill(self, rows):
        types = [self.number if name in SCHEMA.numbers else "VARCHAR(90)" for name in FIELDS]
        columns = ", ".join(f"{self.named(name)} {kind}" for name, kind in zip(FIELDS, types, strict=True))
        self.ask(f"CREATE TABLE {self.table} ({columns})")
        marks = ", ".join([self.mark] * len(FIELDS))
        insert = f"INSERT INTO {self.table} VALUES ({marks})"  # noqa: S608 # our own names
        self.ask(insert, *[[row[name] for name in FIELDS] for row in rows])

    def named(self, name):
        return f"{self.quote}{name}{self.quote}"

    @property
    def sql(self):
        names = ", ".join(map(self.named, reversed(FIELDS)))
        return f"SELECT {names} FROM {self.table} ORDER BY {self.named(LOAN_ID)}"  # noqa: S608 # our own names


def _sqlite(directory):
    config = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(directory / "core.db")}
    return config, sqlite3.connect(config["NAME"]), '"', "?", "NUMERIC"


def _postgres(_):
    psycopg = pytest.importorskip("psycopg")
    url = named_server(POSTGRES)
    connection = psycopg.connect(url, connect_timeout=2)
    return dict(environ.Env.db_url_config(url)), connection, '"', "%s", "NUMERIC(18, 3)"


def _mysql(_):
    pymysql = pytest.importorskip("pymysql")
    url = named_server(MYSQL)
    connection = pymysql.connect(**mysql_options(url), connect_timeout=2)
    return dict(environ.Env.db_url_config(url)), connection, "`", "%s", "DECIMAL(18, 3)"


KINDS = {"sqlite": _sqlite, "postgres": _postgres, "mysql": _mysql}


@contextmanager
def database(kind, directory):
    made = KINDS[kind](directory)
    table = f"loansite_test_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    opened = Database(*made, table)
    with closing(opened.connection):
        try:
            yield opened
        finally:
            opened.connection.rollback()
            for name in (table, f"{table}_out"):
                opened.ask(f"DROP TABLE IF EXISTS {name}")
