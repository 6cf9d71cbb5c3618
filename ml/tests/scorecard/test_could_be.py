"""How much it could be: the largest amount that a policy would approve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.applications.plausibility import RemarkFinder, referring_remarks
from ml.products.loan_prediction.schema import built_in
from ml.scorecard.could_be import find_could_be
from ml.scorecard.outcomes import DecisionRule
from ml.scorecard.rule_reader import rules_from_facts
from ml.tests.helpers.forests import forest_predictor
from ml.tests.helpers.strategies import applications
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()
USUAL = {
    "LoanAmount": st.none() | st.integers(1, 1_000).map(float),
    "ApplicantIncome": st.integers(0, 20_000).map(float),
    "CoapplicantIncome": st.integers(0, 20_000).map(float),
}
REMARKS = RemarkFinder(SCHEMA)


def could_be(model, row, rule, column="LoanAmount"):
    values = {name: value for name, value in row.items() if name != "Loan_ID"}
    return find_could_be(model, REMARKS, values, column, rule)


def largest_by_hand(model, row, rule, column="LoanAmount"):
    steps = [row | {column: float(step)} for step in SCHEMA.by_column[column].actionable]
    scores, found = model.score(columns(*steps)), REMARKS(columns(*steps))
    approved = [
        step[column]
        for n, step in enumerate(steps)
        if rule.outcome(
            scores.probability[n],
            scores.gaps(n),
            referring_remarks(SCHEMA, found.get(n, ()), step),
            rule.held(SCHEMA, step),
        )
        == "approved"
    ]
    return max(approved, default=None)


@given(applications(**USUAL), st.sampled_from([0.4, 0.6, 0.8]), st.sampled_from([None, 60.0]))
def test_it_is_the_largest_approved_step(scorecard, row, threshold, limit):
    rule = DecisionRule(threshold, threshold - 0.1, threshold + 0.05, limit_amount=limit)
    found = could_be(scorecard, row, rule)
    assert (found.value if found else None) == largest_by_hand(scorecard, row, rule)


def test_a_monotone_model_is_bisected(scorecard):
    found = could_be(scorecard, application(), DecisionRule(0.6))
    assert found.method == "bisection"
    assert found.probability >= 0.6


def test_a_model_that_is_not_monotone_is_tried_step_by_step(trained_forest):
    model, rule = forest_predictor(trained_forest), DecisionRule(0.5)
    found = could_be(model, application(), rule)
    assert (found.method, found.value) == ("steps", largest_by_hand(model, application(), rule))


def test_a_missing_value_that_could_flip_the_outcome_is_respected(scorecard):
    row, rule = application(Credit_History=None), DecisionRule(0.5)
    found = could_be(scorecard, row, rule)
    assert (found.value if found else None) == largest_by_hand(scorecard, row, rule)


def test_a_rule_in_the_middle_is_respected(scorecard):
    facts = {"code": "fifty", "when": "LoanAmount > 50", "action": "refer", "officer": "Above fifty."}
    rule = DecisionRule(0.1, rules=rules_from_facts([facts], SCHEMA))
    assert could_be(scorecard, application(), rule).value == 50


def test_the_limit_is_the_most_that_the_machine_approves(scorecard):
    assert could_be(scorecard, application(), DecisionRule(0.1, limit_amount=75.5)).value == 75


@pytest.mark.parametrize("column", ["LoanAmount", "Education"])
def test_none_is_found_where_nothing_is_approved_or_there_are_no_steps(scorecard, column):
    assert could_be(scorecard, application(), DecisionRule(1.0), column) is None
