"""What the site starts with, and what it refuses to start with."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

SAFE = {
    "LOANSITE_ENV": "production",
    "LOANSITE_SECRET_KEY": "k3J8s0dF" * 8,
    "LOANSITE_ARTEFACT_KEY": "p7Q2x9Lm" * 8,
    "LOANSITE_ALLOWED_HOSTS": "loans.example.org",
}


def check(variables, tmp_path, *options):
    return run(["manage.py", "check", *options], {"LOANSITE_VAR": str(tmp_path)} | variables)


def run(arguments, variables):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOANSITE_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )


PROXIED = SAFE | {"LOANSITE_BEHIND_TLS_PROXY": "1"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables",
    [SAFE, PROXIED | {"LOANSITE_TRUSTED_PROXIES": "127.0.0.1"}],
    ids=["alone", "behind a trusted proxy"],
)
def test_production_settings_pass_every_deployment_check(tmp_path, variables):
    done = check(variables, tmp_path, "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOANSITE_SECRET_KEY", None),
        ("LOANSITE_SECRET_KEY", "short"),
        ("LOANSITE_SECRET_KEY", "a" * 64),
        ("LOANSITE_ARTEFACT_KEY", "ab" * 32),
        ("LOANSITE_TRUSTED_PROXIES", "proxy.example.org"),
        ("LOANSITE_ARTEFACT_KEY", None),
        ("LOANSITE_ALLOWED_HOSTS", None),
        ("LOANSITE_ALLOWED_HOSTS", "*"),
        ("LOANSITE_DEBUG", "1"),
    ],
)
def test_production_refuses_to_start_without_what_must_be_safe(tmp_path, variable, value):
    variables = {k: v for k, v in (SAFE | {variable: value}).items() if v is not None}
    done = check(variables, tmp_path)
    assert done.returncode != 0
    assert variable in done.stderr


def modes_of(directory):
    return {path.name: path.stat().st_mode & 0o777 for path in [directory, *directory.rglob("*")]}


def open_to_all(var):
    """Make a site's folder as earlier versions left it."""
    for name in ("artefacts", "batches", "training"):
        (var / name).mkdir(parents=True)
        (var / name / f"{name}.csv").touch()
    for name in ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "db.sqlite3-turn"):
        (var / name).touch()
    for path in [var, *var.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)


WEB = ["-c", "import loansite.wsgi"]


@pytest.mark.slow
@pytest.mark.parametrize("entry", [["manage.py", "version"], WEB], ids=["command", "web"])
def test_every_start_closes_the_folder_to_other_accounts(tmp_path, entry):
    var = tmp_path / "var"
    open_to_all(var)
    run(entry, {"LOANSITE_VAR": str(var)})
    modes = modes_of(var)
    assert {mode for name, mode in modes.items() if "." in name} == {0o600}
    assert {mode for name, mode in modes.items() if "." not in name} == {0o700}


@pytest.mark.slow
def test_a_database_elsewhere_is_closed_as_well(tmp_path):
    database = tmp_path / "elsewhere.db"
    open_to_all(tmp_path / "var")
    for end in ("", "-wal", "-shm", "-turn"):
        (tmp_path / f"elsewhere.db{end}").touch()
        (tmp_path / f"elsewhere.db{end}").chmod(0o666)
    run(WEB, {"LOANSITE_VAR": str(tmp_path / "var"), "DATABASE_URL": f"sqlite:///{database}"})
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("elsewhere*")} == {0o600}


@pytest.mark.slow
def test_what_is_made_later_is_closed_from_its_beginning(tmp_path):
    made = "import loansite.wsgi, pathlib, sys; pathlib.Path(sys.argv[1]).mkdir()"
    run(["-c", made, str(tmp_path / "made")], {"LOANSITE_VAR": str(tmp_path / "deep" / "var")})
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700
    assert modes_of(tmp_path / "deep")["var"] == 0o700


def test_a_folder_of_all_accounts_is_refused_and_left_as_it_is(tmp_path):
    tmp_path.chmod(0o1777)
    done = check({}, tmp_path)
    assert "LOANSITE_VAR" in done.stderr
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777


def test_a_folder_with_files_of_others_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "hosts").touch()
    (tmp_path / "hosts").chmod(0o644)
    tmp_path.chmod(0o755)
    done = check({}, tmp_path)
    assert "LOANSITE_VAR" in done.stderr
    assert modes_of(tmp_path) == {tmp_path.name: 0o755, "hosts": 0o644}


@pytest.mark.slow
def test_a_proxy_that_is_not_trusted_and_an_open_article_endpoint_are_warned_of(tmp_path):
    done = check(PROXIED | {"LOANSITE_ARTICLE_ENDPOINT": "open"}, tmp_path, "--deploy")
    assert "LOANSITE_TRUSTED_PROXIES is empty" in done.stderr
    assert "predictions.W001" in done.stderr


@pytest.mark.slow
def test_development_makes_its_keys_readable_by_the_owner_only(tmp_path):
    assert run(WEB, {"LOANSITE_VAR": str(tmp_path)}).returncode == 0
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("*.key")}
    assert modes == {"secret.key": 0o600, "artefact.key": 0o600}
