"""What the tests of the library share: the sample, models trained on it, the real table if it is there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ml.artefacts import keys, store
from ml.evaluation.metrics import single_threaded_blas
from ml.products.loan_prediction.sample import write_sample
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import read_training_csv
from ml.tests.helpers.shared import forest_of_sample, scorecard_of_sample
from ml.tests.helpers.tables import ROOT, STORED, application

SCHEMA = built_in()

REAL_TABLE = ROOT.parent / "shared" / "data" / "training.csv"


@pytest.fixture(scope="package", autouse=True)
def _one_thread():
    """Linear algebra on one thread, as in training: faster on small tables, far faster on a busy machine."""
    with single_threaded_blas():
        yield


@pytest.fixture(scope="session")
def sample_csv(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "sample.csv"
    write_sample(path)
    return path


@pytest.fixture(scope="session")
def dataset(sample_csv):
    return read_training_csv(SCHEMA, sample_csv)


@pytest.fixture(scope="session")
def trained(dataset, tmp_path_factory):
    return scorecard_of_sample(tmp_path_factory, dataset)


@pytest.fixture(scope="session")
def trained_forest(dataset, tmp_path_factory):
    return forest_of_sample(tmp_path_factory, dataset)


@pytest.fixture(scope="session")
def scorecard(trained):
    return trained.scorecard


@pytest.fixture(scope="session")
def key():
    return b"a signing key that is long enough"


@pytest.fixture(scope="session")
def saved(trained, trained_forest, key, tmp_path_factory):
    """Artefacts to copy from."""
    place = tmp_path_factory.mktemp("artefacts")
    models = {"scorecard": trained, "forest": trained_forest}
    digests = {kind: store.save(model, place / kind, key) for kind, model in models.items()}
    return SimpleNamespace(place=place, digests=digests)


@pytest.fixture(params=["scorecard", "forest"])
def artefact(request, saved, tmp_path):
    """A copy of an artefact of each kind that a test may spoil."""
    return shutil.copytree(saved.place / request.param, tmp_path / request.param)


@pytest.fixture(scope="session")
def stored_key():
    """The key of the artefacts that earlier commits made."""
    return (STORED / "only-for-tests.key").read_bytes().strip()


@pytest.fixture
def pipeline_artefact(tmp_path):
    """A copy of a pickled forest of format 1."""
    [pickled] = STORED.glob("0a4a52a/artefacts/*-article-*")
    return shutil.copytree(pickled, tmp_path / "pipeline")


@pytest.fixture(scope="session")
def trained_by_command(sample_csv, key, tmp_path_factory):
    """The model that ``python -m ml train`` writes, and what the command prints."""
    model = tmp_path_factory.mktemp("command") / "model"
    command = [sys.executable, "-m", "ml", "train", "--data", str(sample_csv), "--model", str(model)]
    environment = {**os.environ, keys.KEY_VARIABLE: key.decode()}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return SimpleNamespace(model=model, output=run.stdout, progress=run.stderr)


@pytest.fixture
def key_in_environment(monkeypatch, key):
    monkeypatch.setenv(keys.KEY_VARIABLE, key.decode())


@pytest.fixture
def row():
    return application()


@pytest.fixture(scope="session")
def real_table() -> Path:
    if not REAL_TABLE.exists():
        pytest.skip(f"The real table is not at {REAL_TABLE}.")
    return REAL_TABLE
