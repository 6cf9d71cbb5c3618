"""A web worker that serves the scorecard imports neither pandas nor scikit-learn."""

import subprocess
import sys

import pytest
from django.conf import settings

PROGRAM = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loansite.settings")
from loansite.wsgi import application
import predictions.api.urls, predictions.web.urls
from ml.scorecard.scorecard import Scorecard
from ml.artefacts.store import load
heavy = {"pandas", "sklearn", "scipy", "joblib", "dask", "distributed", "pyarrow", "sqlglot"}
heavy |= {"ml.expressions.parser", "ml.schemas.toml", "ml.schemas.draft"}
print(sorted(heavy & set(sys.modules)))
"""


@pytest.mark.slow
def test_the_site_starts_without_pandas_and_scikit_learn():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_scoring_with_a_stored_scorecard_stays_light(active_version, application, user_with):
    """The same after a real prediction, in a process of its own."""
    program = f"""
import sys
from pathlib import Path
from ml.artefacts.store import load
from ml.applications.records import columns_of, read_json_row
model = load(Path({str(settings.ARTEFACTS / active_version.artefact)!r}), {settings.ARTEFACT_KEY!r})
schema = model.predictor.schema
model.predictor.score(columns_of(schema, [read_json_row(schema, {application!r})])).explanation(0)
heavy = {{"pandas", "sklearn", "scipy", "joblib", "dask", "distributed", "pyarrow", "sqlglot"}}
print(sorted({{*heavy, "django"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
