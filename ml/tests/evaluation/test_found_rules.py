"""The one-rule baseline of a schema that declares none: the rule is found in each fit, and worded."""

import numpy as np
import pytest

from ml.evaluation.baselines import baselines, one_rule_words
from ml.products.loan_prediction.schema import built_in
from ml.schemas.toml import schema_from_facts
from ml.tables.frames import frame_from_columns

NUMBER = {"name": "Age", "kind": "number", "label": "Age", "unit": "years", "decimals": 0}
CATEGORY = {"name": "Purpose", "kind": "category", "label": "Purpose", "choices": ["car", "house"]}
TARGET = {"column": "outcome", "good": ["good"], "bad": ["bad"], "means": "repaid"}


@pytest.fixture
def schema():
    return schema_from_facts({"name": "x", "title": "X", "target": TARGET, "column": [NUMBER, CATEGORY]})


@pytest.fixture
def table(schema):
    ages, purposes = [float(age) for age in range(20, 60)], ["car", "house"] * 20
    return frame_from_columns(schema, {"Age": ages, "Purpose": purposes})


def test_the_best_column_is_found(schema, table):
    by_age = (table["Age"] >= 40).to_numpy().astype(int)
    assert one_rule_words(schema, table, by_age) in ("Age of 40 years or more", "Age below 40 years")
    by_purpose = (table["Purpose"] == "car").to_numpy().astype(int)
    assert one_rule_words(schema, table, by_purpose) in ("Purpose: car", "Purpose: house")


def test_a_declared_rule_is_named_by_its_label(dataset):
    assert one_rule_words(built_in(), dataset.frame, dataset.y) == "credit history"


def test_the_rule_is_fitted_to_the_training_rows_alone(schema, table):
    y = (table["Age"] >= 40).to_numpy().astype(int)
    rule = baselines(schema)["one_rule"].fit(table, y)
    assert np.array_equal(rule.predict_proba(table)[:, 1] > 0.5, y == 1)
