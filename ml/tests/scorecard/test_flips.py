"""Flips: the smallest change of one value that would change the outcome."""

import dataclasses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ml.applications.plausibility import RemarkFinder
from ml.products.loan_prediction.schema import built_in
from ml.scorecard.flips import ValueFlip, find_flips
from ml.scorecard.outcomes import DecisionRule
from ml.scorecard.rule_reader import rules_from_facts
from ml.tests.helpers.forests import forest_predictor
from ml.tests.helpers.strategies import applications
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()

OTHER = {"approved": "denied", "denied": "approved"}
USUAL = {
    "LoanAmount": st.none() | st.integers(1, 1_000).map(float),
    "ApplicantIncome": st.integers(0, 20_000).map(float),
    "CoapplicantIncome": st.integers(0, 20_000).map(float),
}


RULE = DecisionRule(0.5, remarks="ignore")
# Its term is over the longest that is tried, and every shorter one has the other outcome.
BEYOND_THE_STEPS = application(
    Gender="Female", Married="No", Education="Not Graduate", Self_Employed=None, ApplicantIncome=200.0,
    CoapplicantIncome=590.0, LoanAmount=51.0, Loan_Amount_Term=590.0, Property_Area="Rural",
)  # fmt: skip


def outcome_of(model, row):
    scores = model.score(columns(row))
    return RULE.outcome(scores.probability[0], scores.gaps(0), [])


def flips_of(model, row, wanted=None):
    values = {name: value for name, value in row.items() if name != "Loan_ID"}
    return find_flips(
        model, RemarkFinder(SCHEMA), values, RULE, wanted or OTHER.get(outcome_of(model, row), "approved")
    )


def holds(model, row, flip):
    """Tell whether a flip does what it says, and the next step nearer to the value does not."""
    wanted = OTHER.get(outcome_of(model, row), "approved")
    steps = SCHEMA.by_column[flip.column].actionable
    nearer = int(flip.value) + (steps.step if flip.value < flip.before else -steps.step)
    tried = nearer in steps and min(flip.value, flip.before) < nearer < max(flip.value, flip.before)
    applied = outcome_of(model, row | {flip.column: flip.value}) == wanted
    return applied and not (tried and outcome_of(model, row | {flip.column: float(nearer)}) == wanted)


@given(applications(**USUAL))
@example(BEYOND_THE_STEPS)
def test_a_change_flips_the_outcome_and_one_step_nearer_does_not(scorecard, row):
    assert all(holds(scorecard, row, flip) for flip in flips_of(scorecard, row))


@given(applications(**USUAL))
def test_further_steps_of_a_monotone_scorecard_flip_too(scorecard, row):
    assert all(flip.onwards for flip in flips_of(scorecard, row))


STRICT = DecisionRule(0.8, refer_gaps=False, remarks="ignore")


def test_an_approval_would_be_lost_by_a_larger_loan_not_by_a_smaller_one(scorecard):
    values = {name: value for name, value in application().items() if name != "Loan_ID"}
    found = find_flips(scorecard, RemarkFinder(SCHEMA), values, STRICT, "denied")
    assert [flip.value > flip.before for flip in found if flip.column == "LoanAmount"] == [True]


def test_a_step_with_a_remark_is_no_way_to_approval(scorecard):
    values = {name: value for name, value in application(LoanAmount=700.0).items() if name != "Loan_ID"}
    both = scorecard.score(columns(application(LoanAmount=700.0), application(LoanAmount=10.0)))
    rule = DecisionRule(sum(both.probability) / 2)
    found = find_flips(scorecard, RemarkFinder(SCHEMA), values, rule, "approved")
    [loan] = [flip for flip in found if flip.column == "LoanAmount"]
    assert (loan.until, loan.onwards) == (SCHEMA.by_column["LoanAmount"].usual[0], False)


def test_a_step_that_a_rule_or_the_limit_refers_is_no_way_to_approval(scorecard):
    values = {name: value for name, value in application(LoanAmount=400.0).items() if name != "Loan_ID"}
    always = DecisionRule(0.0, refer_gaps=False, remarks="ignore")
    large = [{"code": "large", "when": "LoanAmount > 200", "action": "refer", "officer": "It is large."}]
    for rule, until in (
        (dataclasses.replace(always, limit_amount=300.0), 300.0),
        (dataclasses.replace(always, limit_amount=300.0, rules=rules_from_facts(large, SCHEMA)), 200.0),
    ):
        [loan] = find_flips(scorecard, RemarkFinder(SCHEMA), values, rule, "approved")
        assert (loan.column, loan.value) == ("LoanAmount", until)


def test_a_column_without_a_value_is_left_out(scorecard):
    row = application(LoanAmount=None, Loan_Amount_Term=None)
    assert {flip.column for flip in flips_of(scorecard, row, "approved")} <= {"CoapplicantIncome"}


def test_a_forest_is_asked_too(trained_forest):
    forest = forest_predictor(trained_forest)
    row = application(LoanAmount=130.0)
    found = flips_of(forest, row)
    assert found
    assert all(isinstance(flip, ValueFlip) and holds(forest, row, flip) for flip in found)


@pytest.mark.parametrize("feature", [f for f in SCHEMA.features if f.protected], ids=lambda f: f.column)
def test_nobody_is_told_to_change_or_to_prove_a_protected_value(feature):
    assert (feature.actionable, feature.document) == (None, "")
