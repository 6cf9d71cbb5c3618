"""What `manage.py score` may ask a database of others, and which arguments go together."""

import sqlite3
import sys
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command

from ml.tests.helpers.tables import csv_text, training_rows
from predictions.bulk.databases.ends import check_statement
from predictions.errors import UnusableSource


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1;",
        "-- of today\nWITH a AS (SELECT 1) SELECT * FROM a",
        "(SELECT 1) UNION ALL SELECT 2",
        "SELECT * FROM loans WHERE purpose = 'delete; --'",
    ],
)
def test_one_question_may_be_asked(sql):
    check_statement(sql, "postgres")


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("", "0 statements"),
        ("SELECT 1; DROP TABLE loans", "2 statements"),
        ("DELETE FROM loans", "it is DELETE"),
        ("WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a", "it is INSERT"),
        ("WITH a AS (DELETE FROM loans RETURNING *) SELECT * FROM a", "it contains DELETE"),
        ("SELECT * INTO b FROM a", "it contains INTO"),
        ("SELECT * FROM loans FOR UPDATE", "it contains LOCK"),
        ("SELECT 1 /*! INTO OUTFILE 'x' */", "comment"),
        ("SELEC x FRM", "cannot be parsed"),
    ],
)
def test_nothing_else_may_be_asked(sql, why):
    with pytest.raises(UnusableSource, match=f"exactly one SELECT.*{why}"):
        check_statement(sql, "mysql" if "/*!" in sql else "postgres")


@pytest.fixture
def core(settings, tmp_path, active_version):
    settings.SOURCES = {"core": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "core.db")}}
    with closing(sqlite3.connect(tmp_path / "core.db")) as connection:
        yield connection


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--input", "a.csv", "--output", "b.csv", "--database", "core"], "--database goes with --from-sql"),
        (["--from-sql", "SELECT 1", "--output", "b.csv"], "--database goes with --from-sql"),
        (["--input", "a.csv", "--from-sql", "SELECT 1", "--output", "b.csv"], "not allowed with"),
        (
            ["--from-sql", "SELECT 1", "--database", "dw", "--output", "b.csv"],
            "'dw' is not a database.*: core",
        ),
        (["--from-sql", "DELETE FROM a", "--database", "core", "--output", "b.csv"], "it is DELETE"),
        (["--input", "a.csv", "--database", "core", "--output-table", "a; --"], "not a table name"),
    ],
)
def test_arguments_that_do_not_go_together_are_named(core, arguments, fault, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text(csv_text(training_rows(1)))
    with pytest.raises(CommandError, match=fault):
        call_command("score", *arguments)


def test_a_database_whose_driver_is_absent_says_how_to_add_it(settings, active_version, monkeypatch):
    settings.SOURCES = {"core": {"ENGINE": "django.db.backends.mysql", "NAME": "x"}}
    monkeypatch.delitem(sys.modules, "predictions.bulk.databases.mysql", raising=False)
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(
        CommandError, match=r"PyMySQL is not installed; .*requirements/mysql\.txt installs it"
    ):
        call_command("score", "--from-sql", "SELECT 1", "--database", "core", "--output", "out.csv")
