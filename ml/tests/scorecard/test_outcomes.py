"""Outcomes and causes of a decision rule."""

import pytest

from ml.products.loan_prediction.schema import built_in
from ml.scorecard.outcomes import DecisionRule, cause_codes, codes_in, remark_codes

SCHEMA = built_in()

OPEN = {"together": [0.3, 0.7], "alone": {"Credit_History": [0.3, 0.7]}}
REMARK = {"code": "unusual_value", "attr": "LoanAmount", "detail": "128,000 is unusual."}
RULE = DecisionRule(0.5, 0.4, 0.6)


@pytest.mark.parametrize("probability", [0.0, 0.2, 0.9, 1.0])
def test_a_remark_refers_whatever_the_probability_and_is_never_approved(probability):
    assert DecisionRule(0.5).outcome(probability, None, [REMARK]) == "refer"
    assert not DecisionRule(0.5).approves(probability, [REMARK])


def test_a_rule_may_ignore_remarks():
    ignoring = DecisionRule(0.5, remarks="ignore")
    assert (ignoring.outcome(0.9, None, [REMARK]), ignoring.approves(0.9, [REMARK])) == ("approved", True)
    assert ignoring.causes(SCHEMA, 0.9, None, [REMARK]) == []


def test_band_and_gaps_do_not_change_what_is_approved():
    assert RULE.approves(0.55, [])
    assert RULE.outcome(0.55, OPEN, []) == "refer"


def test_all_causes_that_hold_are_named_in_words():
    causes = RULE.causes(SCHEMA, 0.55, OPEN, [REMARK, REMARK | {"attr": "ApplicantIncome"}])
    assert [cause["code"] for cause in causes] == ["band", "gap", *["remark:unusual_value"] * 2]
    assert "in the refer band (40% to 60%)" in causes[0]["text"]
    assert causes[1]["text"] == "A missing value could change the outcome: Credit history."
    assert causes[2]["text"] == "Loan amount: 128,000 is unusual."
    assert cause_codes(causes) == "band; gap; remark:unusual_value"


@pytest.mark.parametrize(("length", "codes"), [(99, ["band", "rule:poor"]), (17, ["band", "rule:poor"]),
                                               (16, ["band"]), (3, [])])  # fmt: skip
def test_the_codes_of_causes_are_one_text_of_those_that_fit_and_are_read_back(length, codes):
    causes = [{"code": code, "text": "x"} for code in ("band", "rule:poor", "band")]
    assert codes_in(cause_codes(causes, length)) == codes


@pytest.mark.parametrize("probability", [0.39, 0.4, 0.55, 0.6])
@pytest.mark.parametrize("gaps", [None, OPEN])
@pytest.mark.parametrize("remarks", [[], [REMARK]])
@pytest.mark.parametrize("rule", [RULE, DecisionRule(0.5), DecisionRule(0.5, 0.4, 0.6, False, "ignore")])
def test_an_application_is_referred_exactly_where_there_is_a_cause(rule, probability, gaps, remarks):
    judged = probability, gaps, remarks
    assert (rule.outcome(*judged) == "refer") is bool(rule.causes(SCHEMA, *judged))


def test_remarks_are_written_into_a_cell_by_code_and_column():
    assert remark_codes([REMARK, REMARK]) == "unusual_value: LoanAmount; unusual_value: LoanAmount"
