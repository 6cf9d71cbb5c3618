"""Artefacts that must not be loaded, and the error that says why."""

import hashlib
import hmac
import json
import pickle
from pathlib import Path

import pytest

from ml.artefacts import store, unpickle
from ml.errors import ArtefactIncompatible, ArtefactMissing, ArtefactTampered, GoldenRowsFailed

FILES = ["manifest.json", "manifest.sig", "model"]


class Trap:
    """Touches a file when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def file_of(artefact, name):
    model = {"scorecard": "scorecard.json", "forest": "forest.json"}[artefact.name]
    return artefact / (model if name == "model" else name)


def resign(artefact, key, change):
    """Change the manifest and sign it again, as someone who holds the key could."""
    manifest = json.loads((artefact / "manifest.json").read_bytes())
    change(manifest)
    content = json.dumps(manifest).encode()
    (artefact / "manifest.json").write_bytes(content)
    (artefact / "manifest.sig").write_text(hmac.new(key, content, hashlib.sha256).hexdigest())


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("left", [0, 0.5, -1])
def test_a_truncated_file_is_refused(artefact, key, name, left):
    path = file_of(artefact, name)
    content = path.read_bytes()
    path.write_bytes(content[: int(left * len(content)) if left >= 0 else left])
    with pytest.raises(ArtefactTampered):
        store.load(artefact, key)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_one_flipped_bit_is_refused(artefact, key, name, place):
    path = file_of(artefact, name)
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArtefactTampered):
        store.load(artefact, key)


@pytest.mark.parametrize("name", FILES)
def test_a_deleted_file_is_named(artefact, key, name):
    file_of(artefact, name).unlink()
    with pytest.raises(ArtefactMissing, match=file_of(artefact, name).name):
        store.load(artefact, key)


def test_a_missing_directory_is_named(key, tmp_path):
    with pytest.raises(ArtefactMissing, match=r"nowhere/manifest\.json cannot be read"):
        store.load(tmp_path / "nowhere", key)


def test_another_key_is_refused(artefact, key):
    with pytest.raises(ArtefactTampered, match="does not match this key"):
        store.load(artefact, key + b"!")


def test_another_artefact_than_the_registered_one_is_refused(artefact, key):
    with pytest.raises(ArtefactTampered, match="is not the one that was registered"):
        store.load(artefact, key, "0" * 64)


@pytest.mark.parametrize("package", ["scikit-learn", "numpy", "pandas", "joblib"])
def test_a_pickle_of_another_version_is_refused_and_says_how_to_train_again(
    pipeline_artefact, stored_key, package
):
    resign(pipeline_artefact, stored_key, lambda manifest: manifest["versions"].update({package: "0.19"}))
    message = f"made by {package} 0.19, but .* is installed. Train it again: manage.py train --recipe article"
    with pytest.raises(ArtefactIncompatible, match=message):
        store.load(pipeline_artefact, stored_key)


@pytest.mark.parametrize("package", ["scikit-learn", "numpy", "pandas", "joblib"])
def test_plain_data_of_another_version_is_loaded(artefact, key, package):
    resign(artefact, key, lambda manifest: manifest["versions"].update({package: "0.19"}))
    assert store.load(artefact, key).manifest["versions"][package] == "0.19"


def test_another_format_is_refused(artefact, key):
    resign(artefact, key, lambda manifest: manifest.update(format_version=3))
    with pytest.raises(ArtefactIncompatible, match="has format 3; expected 1 or 2"):
        store.load(artefact, key)


@pytest.mark.parametrize(
    "spoil", [lambda golden: golden.pop(), lambda golden: golden.insert(0, golden.pop())]
)
def test_a_model_that_fails_its_golden_rows_is_refused(artefact, key, spoil):
    resign(artefact, key, lambda manifest: spoil(manifest["golden_probabilities"]))
    with pytest.raises(GoldenRowsFailed):
        store.load(artefact, key)


def test_a_foreign_pickle_is_never_unpickled(pipeline_artefact, stored_key, tmp_path):
    mark = tmp_path / "mark"
    trap = pickle.dumps(Trap(mark))
    (pipeline_artefact / "pipeline.joblib").write_bytes(trap)
    with pytest.raises(ArtefactTampered):
        store.load(pipeline_artefact, stored_key)
    assert not mark.exists()
    unpickle.load(trap)  # the trap works
    assert mark.exists()
