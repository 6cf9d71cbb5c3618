"""Clients made from the published OpenAPI document make a round trip against a running site."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from predictions.models import Batch, Decision, Prediction
from predictions.roles import Role
from predictions.services.accounts import create_token
from predictions.tests.helpers.batches import table

HERE = Path(__file__).parent
# deploy/install_clients.sh installs the generators there.
TOOLS = Path(os.environ.get("LOANSITE_TEST_CLIENTS", Path(sys.prefix) / "clients"))
PYTHON, NODE = TOOLS / "bin", TOOLS / "node_modules" / ".bin"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COMPILE = ["--strict", "--noEmitOnError", "--target", "es2022", "--module", "commonjs"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def document(site, tmp_path):
    """The document as the site publishes it."""
    path = tmp_path / "openapi.json"
    path.write_bytes(requests.get(f"{site}/api/schema/", timeout=60).content)
    return path


@pytest.fixture
def call(site, user_with, application):
    """What a program is told: where the site is, its token, and the application to score."""
    return [site, create_token(user=user_with(Role.OFFICER)), json.dumps(application)]


@pytest.fixture
def run(tmp_path):
    """Run an installed program there, and return what it prints."""

    def start(program, *arguments, entered=b""):
        if not (found := shutil.which(program)):
            pytest.skip(f"LEFT OUT: {program} is not installed (sh deploy/install_clients.sh, Node.js 20).")
        environment = {
            "PATH": f"{PYTHON}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
        }
        command = [found, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, input=entered, capture_output=True, check=False
        )
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
        return done.stdout

    return start


def seen():
    """What both round trips print: the prediction as made, read and listed, its denial's code, the batch."""
    made = Prediction.objects.get().pk
    return [made, made, [made], Decision.objects.get().code, Batch.objects.get().name]


def test_a_python_client_is_made_without_a_warning_and_scores(run, call, document):
    # This generator knows no workbook, which is bytes to it.
    document.write_text(document.read_text().replace(f'"{WORKBOOK}"', '"application/octet-stream"'))
    run(
        PYTHON / "openapi-python-client",
        "generate",
        "--path",
        document,
        "--meta",
        "none",
        "--fail-on-warning",
    )
    shutil.copy(HERE / "round_trip.py", document.parent)
    printed = run(PYTHON / "python", "round_trip.py", *call, entered=table("A"))
    assert json.loads(printed) == seen()


def test_a_typescript_client_compiles_and_scores(run, call, document):
    shutil.copy(HERE / "round_trip.ts", document.parent)
    run(NODE / "openapi-ts", "--input", document, "--output", document.with_name("client"))
    run(NODE / "tsc", *COMPILE, "round_trip.ts")
    assert json.loads(run("node", "round_trip.js", *call, table("A").decode())) == seen()
