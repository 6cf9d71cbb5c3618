"""What a schema makes of its facts: units, worst values, figures in remarks, a baseline."""

import numpy as np
import pytest

from ml.evaluation.baselines import OneRule
from ml.expressions.compiled import compile_values
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import schema_from_document
from ml.schemas.toml import facts_of, read_schema, schema_from_facts
from ml.tables.frames import frame_from_columns

BOATS = """
name = "boat-loan"
title = "Boat loan"
[target]
column = "repaid"
good = ["yes"]
bad = ["no"]
means = "repaid"
[[column]]
name = "price"
kind = "number"
minimum = 0
maximum = 1000000
[[column]]
name = "income"
kind = "number"
minimum = 0
maximum = 1000000
[[model_column]]
name = "Price_To_Income"
value = "price / income"
worst_if = "income <= 0"
direction = "down"
[baseline]
approve_unless = "price > 4 * income"
[[remark]]
when = "price > 10 * income"
code = "far_too_dear"
text = "A boat of {price} takes {price / income} years of {income}."
"""


@pytest.fixture(scope="module")
def boats():
    return read_schema(BOATS)


def test_a_unit_names_the_currency_of_the_product():
    facts = facts_of(built_in()) | {"currency": "EUR"}
    facts["column"] = [
        column | ({"unit": "currency per month"} if column["name"] == "ApplicantIncome" else {})
        for column in facts["column"]
    ]
    assert schema_from_facts(facts).by_column["ApplicantIncome"].value_text(5720.0) == "5,720 EUR per month"


def test_the_worst_value_comes_before_a_gap(boats):
    columns = {"price": [None, 10.0, None], "income": [0.0, 5.0, 5.0]}
    assert boats.model_columns[0].values(columns).tolist()[:2] == [np.inf, 2.0]
    assert compile_values([boats.model_columns[0].tree])({"price": None, "income": 0.0}) == (np.inf,)


def test_a_remark_writes_its_figures(boats):
    (rule,) = boats.remarks_about({"price": 50_000.0, "income": 2_000.0})
    assert rule.text({"price": 50_000.0, "income": 2_000.0}) == "A boat of 50,000 takes 25 years of 2,000."


def test_a_remark_about_a_gap_does_not_hold(boats):
    assert boats.remarks_about({"price": None, "income": 2_000.0}) == []


def test_the_baseline_denies_where_it_holds(boats):
    frame = frame_from_columns(boats, {"price": [9.0, 9.0, 1.0, None], "income": [1.0, 2.0, 1.0, 1.0]})
    rule = OneRule(boats).fit(frame, np.array([0, 0, 1, 1]))
    assert rule.predict_proba(frame)[:, 1].tolist() == [0.0, 0.0, 1.0, 1.0]


def test_one_document_gives_one_schema(boats):
    assert schema_from_document(dict(reversed(boats.document.items()))) is boats
