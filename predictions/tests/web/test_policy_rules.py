"""The page that writes rules: rows, formulas, the check while typing, and trying them first."""

import pytest

from predictions.models import Policy
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import words

CHANGE, CHECK, SIMULATOR = "/policies/change/", "/policies/check/", "/policies/simulator/"
ROW = {
    "rule-0-value": "LoanAmount * 1000 / Loan_Amount_Term",
    "rule-0-comparison": ">",
    "rule-0-number": "4000",
    "rule-0-code": "high-instalment",
    "rule-0-action": "refer",
    "rule-0-officer": "The instalment is high.",
    "rule-0-applicant": "The loan is high for your income.",
}


@pytest.fixture
def manager(client_of):
    return client_of(Role.MODEL_MANAGER)


def send(client, address=CHANGE, **fields):
    entries = {"threshold": "50", "refer_gaps": "on", "reason": "Agreed", "rules": "edited"}
    return client.post(address, entries | {"replaces": Policy.objects.newest().pk} | fields)


def stored():
    return [(rule.code, rule.text, rule.action) for rule in Policy.objects.newest().rule.rules]


def test_a_row_becomes_a_rule_of_the_policy_and_a_row_again(manager):
    assert send(manager, **ROW).status_code == 303
    assert stored() == [("high-instalment", "LoanAmount * 1000 / Loan_Amount_Term > 4000", "refer")]
    page = manager.get(CHANGE).content.decode()
    assert all(f'value="{text}"' in page for text in ROW.values() if text not in (">", "refer"))


def test_a_whole_formula_is_a_rule_too(manager):
    formula = "Property_Area == 'Rural' and ApplicantIncome < 1000"
    send(manager, **ROW | {"rule-0-value": formula, "rule-0-comparison": "", "rule-0-number": ""})
    assert stored()[0][1] == formula
    assert formula.replace("'", "&#x27;").replace("<", "&lt;") in manager.get(CHANGE).content.decode()


def test_a_choice_needs_no_quotes(manager):
    fields = {"rule-0-value": "Property_Area", "rule-0-comparison": "==", "rule-0-number": "Rural"}
    send(manager, **ROW | fields)
    assert stored()[0][1] == 'Property_Area == "Rural"'
    assert 'value="Rural"' in manager.get(CHANGE).content.decode()


def test_rows_are_added_and_removed_without_a_script_and_nothing_is_saved(manager):
    first = Policy.objects.newest()
    page = send(manager, rows="add", reason="Half typed", **ROW)
    assert (page.status_code, words(page).count("Words for the officer")) == (200, 2)
    assert 'value="Half typed"' in page.content.decode()
    page = send(manager, rows="remove-0", **ROW)
    assert "No rules." in words(page)
    assert Policy.objects.newest() == first


def test_an_empty_row_is_no_rule(manager):
    send(manager, **ROW | {"rule-1-action": "refer", "rule-1-comparison": ">", "rule-1-value": " "})
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rule-0-value": "Loan"}, "Loan"),
        ({"rule-0-code": "Big Loan"}, "is no code"),
        ({"rule-0-officer": ""}, "expected what an officer is told"),
        ({"rule-0-value": "Gender", "rule-0-comparison": "==", "rule-0-number": "Male"}, "is protected"),
        ({"rule-0-action": "deny", "rule-0-applicant": ""}, "expected what an applicant is told"),
    ],
)
def test_what_is_no_rule_is_refused_at_its_row_and_kept(manager, fields, said):
    first = Policy.objects.newest()
    reply = send(manager, **ROW | fields)
    assert (reply.status_code, Policy.objects.newest()) == (422, first)
    assert said in words(reply)
    assert 'value="4000"' in reply.content.decode() or "rule-0-number" in fields


def test_a_form_that_says_nothing_of_rules_leaves_them(manager):
    send(manager, **ROW)
    manager.post(CHANGE, {"threshold": "60", "reason": "Losses", "replaces": Policy.objects.newest().pk})
    assert (Policy.objects.newest().threshold, len(stored())) == (0.6, 1)


def test_the_limit_is_typed_and_shown_in_the_unit_of_the_amount(manager):
    send(manager, limit_amount="500")
    assert Policy.objects.newest().limit_amount == 500
    page = manager.get(CHANGE)
    assert "Limit of: Loan amount thousands" in words(page)
    assert 'value="500"' in page.content.decode()


@pytest.fixture
def scored(active_version, user_with, application):
    officer = ApiClient(user_with(Role.OFFICER))
    rows = [application | {"Loan_ID": f"L{place}", "LoanAmount": 100 + place} for place in range(4)]
    officer.post("/api/v1/predictions/", rows)


def test_while_typing_the_check_counts_the_newest_cases(manager, scored):
    fields = {"rule-0-value": "LoanAmount", "rule-0-comparison": ">=", "rule-0-number": "102"}
    assert "Rule 1 refers 2 of the last 4 stored cases." in words(manager.post(CHECK, fields))
    denying = fields | {"rule-0-action": "deny"}
    assert "Rule 1 denies 2 of the last 4 stored cases." in words(manager.post(CHECK, denying))


def test_while_typing_the_check_says_what_cannot_be_read(manager, db):
    text = words(manager.post(CHECK, {"rule-0-value": "LoanAmount *", "rule-0-comparison": ">"}))
    assert text.startswith("Rule 1: ")


def test_rules_are_tried_on_stored_cases_with_the_entries_kept(manager, scored):
    fields = {"rule-0-value": "LoanAmount", "rule-0-comparison": ">=", "rule-0-number": "102"}
    before = Policy.objects.newest()
    page = send(manager, SIMULATOR, second_for_letters="on", **ROW | fields)
    assert "Approve → refer 2" in words(page)
    assert "Rule high-instalment 0 2 +2" in words(page)
    assert '<input type="hidden" name="reason" value="Agreed">' in page.content.decode()
    assert '<input type="hidden" name="second_for_letters" value="on">' in page.content.decode()
    assert Policy.objects.newest() == before


def test_turning_off_the_referral_of_gaps_is_warned_of_with_the_models_figures(manager, active_version):
    text = words(manager.get(CHANGE))
    assert "Missing values will not refer. An applicant gains by leaving a bad value out" in text
    assert "Credit history" in text
