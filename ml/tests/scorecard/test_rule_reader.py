"""Reading the rules of a policy: every fault is named by the path of its key and by its line."""

import pickle

import pytest

from ml.errors import RulesError
from ml.schemas.toml import schema_from_facts
from ml.scorecard.policy_rules import rules_from_json, rules_to_facts, rules_to_json
from ml.scorecard.rule_reader import read_rules, rules_from_facts
from ml.tests.helpers.tables import SCHEMA

RULES = """\
[[rule]]
code = "high-instalment"
when = "LoanAmount * 1000 / Loan_Amount_Term > 0.6 * (ApplicantIncome + CoapplicantIncome)"
action = "refer"
officer = "The instalment is above 60% of the income."

[[rule]]
code = "no_income"
when = "ApplicantIncome + CoapplicantIncome < 100"
action = "deny"
officer = "There is hardly an income."
applicant = "We lend to applicants with an income only."
"""


def faults_of(text, schema=SCHEMA):
    with pytest.raises(RulesError) as refusal:
        read_rules(text, schema, "rules.toml")
    return refusal.value.faults


def test_rules_are_read_in_their_order():
    first, second = read_rules(RULES.encode(), SCHEMA)
    assert (first.code, first.action, first.applicant_text) == ("high-instalment", "refer", "")
    assert second.officer_text == "There is hardly an income."


@pytest.mark.parametrize("text", ["", "# none", "rule = []"])
def test_a_file_without_a_rule_has_none(text):
    assert read_rules(text, SCHEMA) == ()


@pytest.mark.parametrize(
    ("old", "new", "path", "line", "words"),
    [
        ("code =", "kode =", "rule[0].kode", 2, "expected one of code, when, action, officer, applicant"),
        ('"refer"', '"review"', "rule[0].action", 4, "'review' is none of refer, deny"),
        ('action = "refer"\n', "", "rule[0]", 1, "missing required field action"),
        ('"high-instalment"', '"High instalment"', "rule[0].code", 2, "is no code"),
        ('"high-instalment"', f'"{"x" * 33}"', "rule[0].code", 2, "expected 1 to 32"),
        ('"high-instalment"', '"gap"', "rule[0].code", 2, "the name of another cause"),
        ('"high-instalment"', '"no_income"', "rule[0].code", 2, "stands 2 times"),
        ("LoanAmount *", "Loan_Amount *", "rule[0].when", 3, "'Loan_Amount'"),
        ("< 100", "<", "rule[1].when", 9, "expected"),
        ("< 100", "", "rule[1].when", 9, "expected a truth"),
        ("ApplicantIncome + CoapplicantIncome < 100", "Married == 'No'", "rule[1].when", 9, "is protected"),
        ("ApplicantIncome + CoapplicantIncome < 100", "1 < 100", "rule[1].when", 9, "reads no column"),
        ("We lend to applicants with an income only.", "", "rule[1].applicant", 12, "the text is empty"),
        ("There is hardly an income.", "", "rule[1].officer", 11, "the text is empty"),
        ("There is hardly an income.", "x" * 301, "rule[1].officer", 11, "at most 300"),
        ("There is hardly an income.", "a\\nb", "rule[1].officer", 11, "no line of printable text"),
    ],
)
def test_a_fault_is_named_by_path_line_and_expectation(old, new, path, line, words):
    fault = next(fault for fault in faults_of(RULES.replace(old, new)) if fault.path == path)
    assert (fault.line, words in fault.message) == (line, True), fault


def test_every_fault_is_named_at_once():
    spoiled = RULES.replace("high-instalment", "gap").replace("< 100", "<")
    assert {fault.path for fault in faults_of(spoiled)} == {"rule[0].code", "rule[1].when"}


def test_a_rule_reads_neither_a_carried_column_nor_one_that_is_known_later():
    facts = {
        "name": "t",
        "title": "T",
        "target": {"column": "y", "good": ["1"], "bad": ["0"], "means": "repaid"},
        "column": [
            {"name": "income", "kind": "number"},
            {"name": "branch", "kind": "number", "role": "carried"},
            {"name": "late", "kind": "number", "role": "after_decision"},
        ],
    }
    rule = '[[rule]]\ncode = "r"\naction = "refer"\nofficer = "x"\nwhen = "{} > 1"\n'
    schema = schema_from_facts(facts)
    assert "carried" in faults_of(rule.format("branch"), schema)[0].message
    assert "'late'" in faults_of(rule.format("late"), schema)[0].message


@pytest.mark.parametrize("content", ["[[rule", b"\xff", "a" + ".a" * 30 + " = 1"])
def test_what_is_no_toml_is_refused(content):
    assert faults_of(content)


def test_rules_are_the_same_after_json_and_from_their_facts():
    rules = read_rules(RULES, SCHEMA)
    assert rules_from_json(rules_to_json(rules)) == rules
    assert rules_from_facts(rules_to_facts(rules), SCHEMA) == rules
    assert rules_from_json(None) == ()


def test_a_refusal_reaches_another_process():
    with pytest.raises(RulesError) as refusal:
        read_rules("[[rule]]", SCHEMA)
    assert str(pickle.loads(pickle.dumps(refusal.value))) == str(refusal.value)  # noqa: S301 - ours
