"""Rules and the limit of the amount decide beside the probability."""

import math

import numpy as np
import pytest

from ml.schemas.toml import schema_from_facts
from ml.scorecard.outcomes import DecisionRule
from ml.scorecard.policy_rules import unknown_columns
from ml.scorecard.rule_reader import rules_from_facts
from ml.tests.helpers.tables import SCHEMA, application, columns
from ml.tests.scorecard.test_outcomes import OPEN, REMARK


def rule_of(when, action="refer", code="r"):
    facts = {
        "code": code,
        "when": when,
        "action": action,
        "officer": "For officers.",
        "applicant": "For you.",
    }
    return rules_from_facts([facts], SCHEMA)


LARGE, POOR = rule_of("LoanAmount > 300"), rule_of("ApplicantIncome < 1000", "deny", "poor")
RULE = DecisionRule(0.5, 0.4, 0.6, rules=LARGE + POOR, limit_amount=500.0)


def held(rule=RULE, **values):
    return rule.held(SCHEMA, application(**values))


def codes(held):
    return [check.code for check in held]


def judged(probability, remarks=(), bounds=None, rule=RULE, **values):
    facts = probability, bounds, [*remarks], held(rule, **values)
    return rule.outcome(*facts), [cause["code"] for cause in rule.causes(SCHEMA, *facts)]


def test_rules_hold_in_their_order_and_then_the_limit():
    assert codes(held(LoanAmount=600.0, ApplicantIncome=10.0)) == ["rule:r", "rule:poor", "limit:amount"]


@pytest.mark.parametrize(
    ("amount", "expected"), [(500.0, ["rule:r"]), (300.0, []), (None, []), (math.nan, [])]
)
def test_a_bound_itself_and_a_missing_value_hold_nothing(amount, expected):
    assert codes(held(LoanAmount=amount, ApplicantIncome=5000.0)) == expected


def test_a_rule_refers_whatever_the_probability():
    assert judged(0.9, LoanAmount=400.0, ApplicantIncome=5000.0) == ("refer", ["rule:r"])
    assert judged(0.1, LoanAmount=400.0, ApplicantIncome=5000.0) == ("refer", ["rule:r"])


def test_a_rule_denies_whatever_else_refers_and_every_cause_is_named():
    assert judged(0.5, [REMARK], LoanAmount=400.0, ApplicantIncome=10.0) == (
        "denied",
        ["band", "remark:unusual_value", "rule:r", "rule:poor"],
    )


def test_no_missing_value_could_change_what_a_rule_denies():
    denied = held(ApplicantIncome=10.0)
    assert RULE.columns_that_flip(OPEN)
    assert not RULE.columns_that_flip(OPEN, denied)
    assert judged(0.3, bounds=OPEN, ApplicantIncome=10.0, LoanAmount=1.0) == ("denied", ["rule:poor"])


def test_what_a_rule_or_the_limit_refers_is_not_approved():
    assert RULE.approves(0.9, [], held(LoanAmount=100.0, ApplicantIncome=5000.0))
    assert not RULE.approves(0.9, [], held(LoanAmount=400.0, ApplicantIncome=5000.0))
    limited = DecisionRule(0.5, limit_amount=500.0)
    assert not limited.approves(0.9, [], held(limited, LoanAmount=501.0))


def test_causes_have_the_words_of_the_officer_and_the_limit_names_itself():
    large, _, limit = RULE.causes(SCHEMA, 0.9, None, [], held(LoanAmount=600.0, ApplicantIncome=10.0))
    assert large == {"code": "rule:r", "text": "For officers."}
    assert limit["text"] == "Loan amount: above the limit of 500 thousand, so a person decides."


@pytest.mark.parametrize("count", [1, 30])
def test_many_rows_are_found_as_one_by_one(count):
    rows = [
        application(LoanAmount=float(100 + 50 * row) if row % 3 else None, ApplicantIncome=float(200 * row))
        for row in range(count)
    ]
    table = columns(*rows)
    expected = {row: found for row, values in enumerate(rows) if (found := RULE.held(SCHEMA, values))}
    assert RULE.held_by_row(SCHEMA, table) == expected
    arrays = {
        name: np.asarray(values, np.float64) if name in SCHEMA.numbers else values
        for name, values in table.items()
    }
    assert RULE.held_by_row(SCHEMA, arrays) == expected


def test_a_rule_without_its_column_in_a_schema_never_holds():
    facts = {
        "name": "t",
        "title": "T",
        "target": {"column": "y", "good": ["1"], "bad": ["0"], "means": "repaid"},
        "column": [
            {"name": "LoanAmount", "kind": "yes_no"},
            {"name": "ApplicantIncome", "kind": "number"},
        ],
    }
    other = schema_from_facts(facts)
    assert unknown_columns(LARGE[0], other) == ["LoanAmount"]
    assert codes(RULE.held(other, {"LoanAmount": "Yes", "ApplicantIncome": 1.0})) == ["rule:poor"]


def test_a_policy_without_rules_and_limit_holds_nothing():
    plain = DecisionRule(0.5)
    assert not plain.has_checks
    assert plain.held(SCHEMA, {}) == ()
    assert plain.held_by_row(SCHEMA, {}) == {}
