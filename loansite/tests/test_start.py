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
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOANSITE_")}
    return subprocess.run(
        [sys.executable, "manage.py", "check", *options],
        cwd=settings.BASE_DIR,
        env=kept | {"LOANSITE_VAR": str(tmp_path)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_pass_every_deployment_check(tmp_path):
    done = check(SAFE, tmp_path, "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOANSITE_SECRET_KEY", None),
        ("LOANSITE_SECRET_KEY", "short"),
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


def test_an_open_article_endpoint_is_warned_of(tmp_path):
    done = check(SAFE | {"LOANSITE_ARTICLE_ENDPOINT": "open"}, tmp_path, "--deploy")
    assert "predictions.W001" in done.stderr


def test_development_makes_its_keys_readable_by_the_owner_only(tmp_path):
    assert check({}, tmp_path).returncode == 0
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("*.key")}
    assert modes == {"secret.key": 0o600, "artefact.key": 0o600}
