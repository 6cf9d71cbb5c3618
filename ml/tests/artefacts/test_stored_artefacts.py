"""Artefacts that earlier commits made: `predictions/tests/stored/make.sh` had their code make them, once."""

import hashlib
import json
from pathlib import Path

import pytest

from ml.applications.records import columns_of, read_json_row
from ml.artefacts import manifest, store, unpickle
from ml.products.loan_prediction.golden_rows import golden_columns
from ml.products.loan_prediction.schema import built_in
from ml.tests.forest.test_forest_reasons import needs_shap
from ml.tests.helpers.tables import STORED

SCHEMA = built_in()

KEY = (STORED / "only-for-tests.key").read_bytes().strip()
TOLERANCE = 1e-9  # of what shap works out


def artefacts(*, kind="*", answered=False):
    """Return the stored artefacts of a kind, or those of them that were asked when they were made."""
    found = sorted(path.parent for path in STORED.glob(f"*/artefacts/*-{kind}-*/manifest.json"))
    return [
        pytest.param(path, id=f"{path.parts[-3]}-{path.name.split('-', 1)[1]}")
        for path in found
        if not answered or path.name in answers_beside(path)
    ]


def answers_beside(path):
    """Return what the models of the same commit said at that time, by artefact."""
    return json.loads((path.parents[1] / "models.json").read_text(encoding="utf-8"))


class Asked:
    """A stored model, what it said, and what it says now of the same applications."""

    def __init__(self, path):
        self.then = answers_beside(path)[path.name]
        self.columns = dict(
            columns_of(SCHEMA, [read_json_row(SCHEMA, said["application"]) for said in self.then])
        )
        self.model = store.load(path, KEY)
        self.now = self.model.predictor.score(self.columns)

    def said(self, name):
        return [said[name] for said in self.then]

    def explanations(self):
        return [self.now.explanation(row) for row in range(len(self.then))]


@pytest.mark.parametrize("path", artefacts())
def test_it_loads_under_its_signature_and_the_digest_that_was_registered(path):
    digest = hashlib.sha256((path / "manifest.json").read_bytes()).hexdigest()
    assert store.load(path, KEY, digest).digest == digest


@pytest.mark.parametrize("path", artefacts())
def test_the_golden_rows_give_the_very_probabilities_of_the_manifest(path):
    model = store.load(path, KEY)
    rows = manifest.golden_rows_of(model.manifest)
    assert model.predictor.score(rows).probability == model.manifest["golden_probabilities"]


@pytest.mark.parametrize("path", artefacts(answered=True))
def test_it_gives_the_very_probabilities_and_log_odds_of_then(path):
    asked = Asked(path)
    assert asked.now.probability == asked.said("approval_probability")
    assert asked.now.log_odds == asked.said("log_odds")


@pytest.mark.parametrize("path", artefacts(answered=True))
def test_a_column_that_is_added_later_changes_nothing(path):
    asked = Asked(path)
    wider = asked.columns | {"Years_Employed": [3.0] * len(asked.then)}
    assert asked.model.predictor.score(wider).probability == asked.said("approval_probability")


@pytest.mark.parametrize("path", artefacts())
def test_a_stored_model_reads_the_columns_of_its_manifest_and_no_others(path):
    model = store.load(path, KEY)
    rows = manifest.golden_rows_of(model.manifest)
    own = {column: rows[column] for column in model.manifest["columns"]}
    assert model.predictor.score(own).probability == model.manifest["golden_probabilities"]
    assert sorted(model.predictor.sources) == sorted(own)


@pytest.mark.parametrize("path", artefacts(kind="article"))
def test_the_bounds_of_a_stored_forest_span_the_values_of_a_gap(path):
    predictor, rows = store.load(path, KEY).predictor, golden_columns()
    known = predictor.score(rows | {"Credit_History": [0.0] * 10}).probability
    bounds = predictor.score(rows | {"Credit_History": [None] * 10}).gaps
    assert all(probability in bounds(row)["alone"]["Credit_History"] for row, probability in enumerate(known))


@pytest.mark.parametrize("path", artefacts(kind="scorecard", answered=True))
def test_a_scorecard_gives_the_very_reasons_of_then(path):
    asked = Asked(path)
    assert [explanation.base for explanation in asked.explanations()] == asked.said("base")
    assert [explanation.reasons for explanation in asked.explanations()] == asked.said("reasons")


@needs_shap
@pytest.mark.parametrize("path", artefacts(kind="article", answered=True))
def test_a_forest_gives_the_reasons_of_then(path):
    asked = Asked(path)
    for explanation, base, reasons in zip(
        asked.explanations(), asked.said("base"), asked.said("reasons"), strict=True
    ):
        assert explanation.base == pytest.approx(base, abs=TOLERANCE)
        assert weights(explanation.reasons) == pytest.approx(weights(reasons), abs=TOLERANCE)
        assert texts(explanation.reasons) == texts(reasons)


def weights(reasons):
    return {reason["column"]: reason["contribution"] for reason in reasons}


def texts(reasons):
    return {reason["column"]: (reason["label"], reason["text"]) for reason in reasons}


def test_a_class_whose_module_has_moved_is_found_where_it_stands_now(monkeypatch):
    monkeypatch.setitem(unpickle.MOVED, "ml.before", "pathlib")
    assert unpickle.load(b"cml.before\nPath\n.") is Path
