"""Examples of the documents that call the API are run as they stand, but for address, token and dates."""

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from ml.products.loan_prediction.sample import write_sample
from ml.schemas.toml_writer import schema_toml
from predictions.roles import Role
from predictions.services.accounts import create_token
from predictions.services.products import products
from predictions.tests.helpers.api import ApiClient
from predictions.tests.products.conftest import schema_of

ROOT = Path(django_settings.BASE_DIR)
ADDRESS = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
CALLS = re.compile(r"^curl|requests\.|fetch\(", re.MULTILINE)
# What the text around an example gives it; every reply but a success ends it.
PYTHON = """
import json, requests
_send = requests.Session.send
def _checked(*sent, **options):
    reply = _send(*sent, **options)
    assert reply.ok, (reply.url, reply.status_code, reply.text)
    return reply
requests.Session.send = _checked
token = {token!r}
first_application = {application}
second_application = first_application | {{"Loan_ID": "LP2"}}
"""
SHELL = """
set -eu
TOKEN={token}
curl() {{ command curl --fail-with-body --silent --show-error "$@"; }}
"""
JAVASCRIPT = """
const token = "{token}", application = {application};
const unchecked = fetch;
globalThis.fetch = async (...sent) => {{
  const reply = await unchecked(...sent);
  if (!reply.ok) throw new Error(await reply.text());
  return reply;
}};
"""
RUNS = {
    "sh": ("curl", SHELL, ["sh"], "example.sh"),
    "python": (sys.executable, PYTHON, [sys.executable], "example.py"),
    "js": ("node", JAVASCRIPT, ["node"], "example.mjs"),
}


def examples():
    """Return the examples that call the API, with the document and number of each."""
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for document in documents:
        for number, (language, code) in enumerate(BLOCK.findall(document.read_text(encoding="utf-8")), 1):
            if CALLS.search(code):
                yield pytest.param(language, code, id=f"{document.relative_to(ROOT)}-{number}-{language}")


pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def admin(user_with):
    return user_with(Role.ADMIN)


@pytest.fixture
def surroundings(site, admin, application, tmp_path, settings):
    """What the texts speak of: a waiting application, a file, a schema, the article's door."""
    settings.ARTICLE_ENDPOINT = "open"
    ApiClient(admin).post("/api/v1/predictions/", application | {"Loan_ID": "W1", "Credit_History": None})
    write_sample(tmp_path / "applications.csv")
    (tmp_path / "car-loan.toml").write_text(schema_toml(schema_of("car-loan").document), encoding="utf-8")


def stands_alone(code, site):
    """The example, sent to the tests' site, with dates that are still to come."""
    soon = datetime.date.today() + datetime.timedelta(days=30)
    return re.sub(r"\b20\d\d-\d\d-\d\d\b", soon.isoformat(), code.replace(ADDRESS, site))


def test_the_documents_call_the_api_in_three_languages():
    assert {example.values[0] for example in examples()} == set(RUNS)


@pytest.mark.slow
@pytest.mark.parametrize(("language", "code"), [*examples()])
def test_an_example_succeeds(surroundings, site, admin, application, tmp_path, language, code):
    program, before, command, name = RUNS[language]
    if not shutil.which(program):
        pytest.skip(f"LEFT OUT: {program} is not installed.")
    if "/products/car-loan/" in code and language == "sh":
        products.add_product(schema=schema_of("car-loan"), by=None, reason="We lend on cars now")
    given = before.format(token=create_token(user=admin), application=json.dumps(application))
    (tmp_path / name).write_text(given + stands_alone(code, site), encoding="utf-8")
    done = subprocess.run([*command, name], cwd=tmp_path, env=os.environ, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
