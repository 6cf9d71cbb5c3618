"""Artefacts: what is saved is loaded, whole, once, and never written over another."""

import contextlib
import hashlib
import resource

import numpy as np
import pytest

from ml.artefacts import golden, store
from ml.errors import ArtefactError, ArtefactExists
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import columns_from_frame
from ml.tests.helpers.tables import TRAINED_AT

SCHEMA = built_in()


@contextlib.contextmanager
def small_files_only():
    """Stand in for a full disk: the system refuses to write past 1,000 bytes of a file.

    Only around the call under test: the limit is the whole process's, pytest's own output included.
    """
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_loaded_scorecard_scores_as_the_trained_one(saved, key, trained):
    loaded = store.load(saved.place / "scorecard", key, saved.digests["scorecard"])
    assert loaded.predictor.to_json() == trained.scorecard.to_json()


def test_a_loaded_pipeline_scores_as_the_trained_one(saved, key, trained_forest, dataset):
    loaded = store.load(saved.place / "pipeline", key, saved.digests["pipeline"])
    expected = trained_forest.pipeline.predict_proba(dataset.frame)[:, 1]
    np.testing.assert_array_equal(
        loaded.predictor.score(columns_from_frame(SCHEMA, dataset.frame)).probability, expected
    )


def test_the_digest_is_that_of_the_manifest(artefact, key, saved):
    found = hashlib.sha256((artefact / "manifest.json").read_bytes()).hexdigest()
    assert store.load(artefact, key).digest == saved.digests[artefact.name] == found


def test_the_manifest_tells_where_the_model_comes_from(saved, key, trained):
    manifest = store.load(saved.place / "scorecard", key).manifest
    assert manifest["recipe"] == "scorecard"
    assert manifest["data"] == {
        "name": "sample.csv",
        "sha256": trained.dataset.digest,
        "rows": 614,
        "synthetic": True,
    }
    assert manifest["report"] == trained.report
    assert manifest["trained_at"] == TRAINED_AT.isoformat()
    assert manifest["protected_columns"] == []


def test_the_article_s_model_names_its_protected_columns(saved, key):
    assert store.load(saved.place / "pipeline", key).manifest["protected_columns"] == ["Gender", "Married"]


def test_the_golden_probabilities_are_the_model_s_own(saved, key):
    loaded = store.load(saved.place / "scorecard", key)
    found = loaded.predictor.score(golden.golden_columns()).probability
    assert found == loaded.manifest["golden_probabilities"]


def test_an_existing_directory_is_never_overwritten(trained, key, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ArtefactExists, match="an artefact is never overwritten"):
        store.save(trained, tmp_path, key)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_nothing_half_written_is_left_when_the_disk_is_full(trained, key, tmp_path):
    refusal = pytest.raises(ArtefactError, match="cannot be written: File too large")
    with refusal, small_files_only():
        store.save(trained, tmp_path / "model", key)
    assert not list(tmp_path.iterdir())


def test_nothing_half_written_is_left_when_the_place_cannot_be_taken(trained, key, tmp_path):
    (tmp_path / "model").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ArtefactError, match="cannot be written"):
        store.save(trained, tmp_path / "model", key)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_directory_that_cannot_be_made_is_an_artefact_error(trained, key, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ArtefactError, match="cannot be written"):
        store.save(trained, tmp_path / "file" / "model", key)
