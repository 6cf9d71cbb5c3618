"""Databases to run exported SQL on: a connection, and how it spells types and parameters.

A server is used only if a variable names it. A named server that does not answer fails the tests.
"""

import math
import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest

from ml.products.loan_prediction.schema import built_in

SCHEMA = built_in()


POSTGRES = "LOANSITE_TEST_POSTGRES"
MYSQL = "LOANSITE_TEST_MYSQL"


def named_server(variable: str) -> str:
    """Return the URL of the server that `variable` names; skip the test if it names none."""
    url = os.environ.get(variable, "")
    if not url:
        pytest.skip(f"LEFT OUT: {variable} names no server.")
    return url


def mysql_options(url: str) -> dict[str, Any]:
    """Return what PyMySQL takes in place of a URL."""
    parts = urlsplit(url)
    address = {"host": parts.hostname, "port": parts.port or 3306}
    return {**address, "user": parts.username, "password": parts.password or "", "database": parts.path[1:]}


@dataclass(frozen=True)
class Database:
    dialect: str
    connection: Any
    mark: str
    double: str

    def score(self, sql, rows, number=None, table="applicants", without=None, schema=SCHEMA):
        """Store `rows` in a table of their own, with numbers of the type `number`; return what `sql` says.

        The table lacks the column `without`.
        """
        quote = "`" if self.dialect == "mysql" else '"'
        types = {
            name: self._type(schema, name, number or self.double) for name in schema.fields if name != without
        }
        quoted = {name: f"{quote}{name.replace(quote, 2 * quote)}{quote}" for name in types}
        fields = ", ".join(f"{quoted[name]} {kind}" for name, kind in types.items())
        table = f"{quote}{table}{quote}"
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {table} ({fields})")
            values = [tuple(row[name] for name in types) for row in rows]
            marks = ", ".join([self.mark] * len(types))
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 # our own names
            cursor.execute(sql)
            found = list(cursor.fetchall())
            cursor.execute(f"DROP TABLE {table}")
        return found

    def _type(self, schema, name, number):
        return number if name in schema.numbers else "VARCHAR(200)"


@contextmanager
def _sqlite():
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("SELECT exp(0)")
        except sqlite3.OperationalError:  # built without its mathematics
            connection.create_function("exp", 1, math.exp, deterministic=True)
        # No type: SQLite keeps whole numbers as integers.
        yield Database("sqlite", connection, "?", "")


@contextmanager
def _duckdb():
    with closing(duckdb.connect()) as connection:
        yield Database("duckdb", connection, "?", "DOUBLE")


@contextmanager
def _postgres():
    psycopg = pytest.importorskip("psycopg")
    with closing(psycopg.connect(named_server(POSTGRES), connect_timeout=2)) as connection:
        yield Database("postgres", connection, "%s", "DOUBLE PRECISION")


@contextmanager
def _mysql():
    pymysql = pytest.importorskip("pymysql")
    options = mysql_options(named_server(MYSQL))
    with closing(pymysql.connect(**options, connect_timeout=2)) as connection:
        yield Database("mysql", connection, "%s", "DOUBLE")


DATABASES = {"sqlite": _sqlite, "duckdb": _duckdb, "postgres": _postgres, "mysql": _mysql}


class _SparkTables:
    dialect = "spark"

    def __init__(self, session):
        self._session = session

    def score(self, sql, rows, schema):
        """Store `rows` as the view `applicants`; return what `sql` says (see `Database.score`)."""
        types = {name: "DOUBLE" if name in schema.numbers else "STRING" for name in schema.fields}
        values = [tuple(row[name] for name in types) for row in rows]
        fields = ", ".join(f"`{name}` {kind}" for name, kind in types.items())
        self._session.createDataFrame(values, fields).createOrReplaceTempView("applicants")
        return [tuple(row) for row in self._session.sql(sql).collect()]


@contextmanager
def spark():
    """Open Spark where pyspark and Java are installed; it takes half a minute."""
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("LEFT OUT: there is no Java for Spark.")
    session = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        yield _SparkTables(session)
    finally:
        session.stop()
