"""The README names every setting; every make target explains itself."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from ml.tests.helpers.databases import MYSQL, POSTGRES, named_server

VARIABLE = re.compile(r"\b(LOANSITE_[A-Z_]+|DATABASE_URL)\b")
SOURCES = ["loansite/settings.py", "loansite/env.py", "ml/artefacts/keys.py"]


def read(name: str) -> str:
    return (Path(settings.BASE_DIR) / name).read_text(encoding="utf-8")


def test_every_setting_stands_in_the_table_of_the_readme():
    used = {variable for source in SOURCES for variable in VARIABLE.findall(read(source))}
    described = set(re.findall(r"^\| `([A-Z_]+)`", read("README.md"), re.MULTILINE))
    assert used == described


@pytest.mark.parametrize(
    "target",
    [
        "run",
        "demo",
        "demo-remove",
        "test",
        "test-quick",
        "test-all",
        "coverage",
        "lint",
        "bench",
        "test-postgres",
        "help",
        "install-explain",
        "install-bulk",
    ],
)
def test_make_help_knows_the_target(target):
    assert re.search(rf"^{target}:.*## ", read("Makefile"), re.MULTILINE)


def test_ci_runs_lint_and_all_tests():
    assert {"make lint", "make test"} <= set(read(".ci/run").splitlines())


@pytest.mark.parametrize("variable", [POSTGRES, MYSQL])
def test_a_server_that_no_variable_names_is_left_out_of_the_tests(monkeypatch, variable):
    monkeypatch.delenv(variable, raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"LEFT OUT: {variable} names no server"):
        named_server(variable)
