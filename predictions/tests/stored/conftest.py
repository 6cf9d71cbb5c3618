"""The site of an earlier commit, whose code made it by `make.sh`, under the code of today."""

import contextlib
import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.test import Client, override_settings

from predictions.tests.helpers.api import ApiClient

STORED = Path(__file__).parent / "0a4a52a"
KEY = (STORED.parent / "only-for-tests.key").read_text().strip()
THEN = json.loads((STORED / "replies.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def site(django_db_setup, tmp_path_factory):
    """The site as the commit left it, migrated. What a test changes in the database is rolled back."""
    if connection.vendor != "sqlite":
        pytest.skip("The stored database is a file of SQLite's.")
    var = tmp_path_factory.mktemp("site")
    for name in ("artefacts", "training", "batches"):
        shutil.copytree(STORED / name, var / name)
    database = var / "db.sqlite3"
    database.write_bytes(gzip.decompress((STORED / "db.sqlite3.gz").read_bytes()))
    migrate(var)
    stores = {"ARTEFACTS": "artefacts", "TRAINING_FILES": "training", "BATCH_FILES": "batches"}
    paths = {setting: var / name for setting, name in stores.items()}
    with override_settings(ARTEFACT_KEY=KEY.encode(), **paths), connected_to(database):
        yield


def migrate(var):
    """Migrate as an operator does."""
    environment = os.environ | {"LOANSITE_VAR": str(var), "LOANSITE_ARTEFACT_KEY": KEY}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=django_settings.BASE_DIR, env=environment, check=True)


@contextlib.contextmanager
def connected_to(database):
    """Let the default connection lead to another file of SQLite's."""
    usual = connections["default"]
    connections["default"] = type(usual)(usual.settings_dict | {"NAME": str(database)}, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual


@pytest.fixture
def client_of():
    """Make a signed-in browser of a person of the stored site."""

    def make(name):
        client = Client()
        client.force_login(get_user_model().objects.get(username=name))
        return client

    return make


@pytest.fixture
def reviewer(client_of):
    return client_of("reviewer")


@pytest.fixture
def officer(client_of):
    return client_of("officer")


@pytest.fixture
def manager(client_of):
    return client_of("manager")


@pytest.fixture
def api():
    """The caller of the stored site, with the token from then."""
    api = ApiClient()
    api.headers = {"Authorization": f"Token {THEN['client']}"}
    return api


@pytest.fixture
def reviewers_api():
    """A caller who sees everybody's cases."""
    return ApiClient(get_user_model().objects.get(username="reviewer"))
