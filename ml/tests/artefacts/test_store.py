"""Artefacts: what is saved is loaded, whole, once, and never written over another."""

import contextlib
import dataclasses
import hashlib
import resource

import numpy as np
import pytest

from ml.artefacts import golden, store
from ml.errors import ArtefactError, ArtefactExists
from ml.products.loan_prediction.golden_rows import golden_columns
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import columns_from_frame
from ml.tests.helpers.forests import with_column
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


def of_schema(trained, schema):
    """The model as if it had been trained on a table of another schema."""
    return dataclasses.replace(trained, dataset=dataclasses.replace(trained.dataset, schema=schema))


def test_a_loaded_scorecard_scores_as_the_trained_one(saved, key, trained):
    loaded = store.load(saved.place / "scorecard", key, saved.digests["scorecard"])
    assert loaded.predictor.to_json() == trained.scorecard.to_json()


def test_a_loaded_forest_scores_as_the_trained_pipeline(saved, key, trained_forest, dataset):
    loaded = store.load(saved.place / "forest", key, saved.digests["forest"])
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
        "name": trained.dataset.name,
        "sha256": trained.dataset.digest,
        "rows": 614,
        "synthetic": True,
    }
    assert manifest["report"] == trained.report
    assert manifest["trained_at"] == TRAINED_AT.isoformat()
    assert manifest["protected_columns"] == []


def test_the_article_s_model_names_its_protected_columns(saved, key):
    assert store.load(saved.place / "forest", key).manifest["protected_columns"] == ["Gender", "Married"]


def test_the_golden_rows_are_those_of_the_schema_and_their_probabilities_the_model_s_own(artefact, key):
    loaded = store.load(artefact, key)
    rows = loaded.manifest["golden_rows"]
    assert rows == golden.golden_columns(SCHEMA)
    assert loaded.predictor.score(rows).probability == loaded.manifest["golden_probabilities"]


def test_the_manifest_carries_the_schema(artefact, key):
    loaded = store.load(artefact, key)
    assert loaded.manifest["format_version"] == 2
    assert loaded.manifest["schema"] == loaded.schema.document
    assert loaded.schema.features == SCHEMA.features


def test_a_model_of_format_1_has_the_built_in_schema(pipeline_artefact, stored_key):
    loaded = store.load(pipeline_artefact, stored_key)
    assert (loaded.manifest["format_version"], loaded.schema) == (1, SCHEMA)


def test_a_model_is_described_by_its_own_schema(trained_forest, key, tmp_path):
    schema = with_column(SCHEMA, name="Gender", label="Sex", required=True)
    store.save(of_schema(trained_forest, schema), tmp_path / "model", key)
    loaded = store.load(tmp_path / "model", key)
    assert loaded.schema.by_column["Gender"].label == "Sex"
    assert None not in loaded.manifest["golden_rows"]["Gender"]


def test_a_column_that_the_schema_has_and_the_model_has_not_changes_nothing(trained_forest, key, tmp_path):
    schema = with_column(SCHEMA, name="Years_Employed", kind="number")
    store.save(of_schema(trained_forest, schema), tmp_path / "model", key)
    loaded, rows = store.load(tmp_path / "model", key), golden_columns()
    wider = rows | {"Years_Employed": [None] * 10}
    assert loaded.predictor.score(wider).probability == loaded.predictor.score(rows).probability
    assert [*loaded.predictor.cache_keys(wider)] == [*loaded.predictor.cache_keys(rows)]


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
