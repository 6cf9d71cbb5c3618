"""The whole way of a case in a real browser: scored, tried, claimed, decided, printed, found, exported."""

import csv
import re

import pytest
from playwright.sync_api import expect

from predictions.roles import Role
from predictions.tests.browser.hands import Keyboard, Mouse
from predictions.tests.conftest import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
NOTE = "The credit report shows two loans in arrears."
WORDS = "You have two other loans that are not paid on time."


@pytest.fixture(params=[Mouse, Keyboard], ids=["by mouse without JavaScript", "by keyboard alone"])
def sign_in(request, open_page, user_with):
    """Open a window, sign in as a role, and return the hand that works in it."""
    hand_of = request.param

    def make(role):
        user_with(role)
        hand = hand_of(open_page(java_script_enabled=hand_of is Keyboard))
        hand.page.goto("/login/")
        hand.fill("#id_username", role.value)
        hand.fill("#id_password", PASSWORD)
        hand.press("main button")
        hand.page.wait_for_url("/")
        return hand

    return make


def score_with_one_bad_and_one_missing_value(officer):
    officer.press("nav a[href='/score/']")
    officer.choose("#id_education", "Graduate")
    officer.fill("#id_applicant_income", "57O0")
    officer.fill("#id_coapplicant_income", "0")
    officer.fill("#id_loan_amount", "128")
    officer.fill("#id_loan_amount_term", "360")
    officer.choose("#id_property_area", "Urban")
    officer.press("main button[type=submit]")
    expect(officer.page.locator("#id_applicant_income_error")).to_contain_text("'57O0'")
    expect(officer.page.locator("#id_applicant_income")).to_be_focused()
    officer.fill("#id_applicant_income", "5700")
    officer.press("main button[type=submit]")
    officer.page.wait_for_url(re.compile(r"/applications/\d+/"))


def try_a_bad_credit_history(officer):
    officer.choose("#what_if_credit_history", "Does not meet the guidelines")
    officer.try_it("#what-if button[type=submit]")
    expect(officer.page.locator("#what_if_answer")).to_contain_text("Model: deny")


def claim_from_the_queue(reviewer):
    reviewer.press("nav a[href='/queue/']")
    reviewer.press("main table button")
    expect(reviewer.page.locator("main")).to_contain_text("Assigned to you")


def deny_against_the_advice(reviewer):
    reviewer.check("#id_denied")
    reviewer.press("form.decide button[type=submit]")
    expect(reviewer.page.locator("#id_note_error")).to_contain_text("explain why in the internal note")
    reviewer.choose("#id_code", "Risks the model does not see")
    reviewer.fill("#id_note", NOTE)
    reviewer.fill("#id_applicant_text", WORDS)
    reviewer.press("form.decide button[type=submit]")
    expect(reviewer.page.locator(".decisions")).to_contain_text(NOTE)


def print_the_notice(reviewer):
    reviewer.press("main a:has-text('Denial notice')")
    reviewer.press("button[name=print]")
    reviewer.page.wait_for_url(re.compile("/notice/print/"))
    expect(reviewer.page.locator("article")).to_contain_text(WORDS)
    expect(reviewer.page.locator("article")).not_to_contain_text(NOTE)
    assert len(re.findall(rb"/Type\s*/Page\b", reviewer.page.pdf(format="A4"))) == 1


def find_and_export(reviewer):
    reviewer.page.goto("/")
    reviewer.press("nav a[href='/history/']")
    reviewer.press("main summary")
    reviewer.choose("#id_override", "Against the advice")
    reviewer.press("main form button[type=submit]")
    expect(reviewer.page.locator("main tbody tr")).to_have_count(1)
    with reviewer.page.expect_download() as download:
        reviewer.press("main a[href^='/history.csv']")
    (row,) = csv.DictReader(download.value.path().read_text().splitlines())
    assert (row["outcome"], row["decision"], row["decision_note"]) == ("refer", "denied", NOTE)


def test_a_case_from_application_to_exported_decision(sign_in):
    officer = sign_in(Role.OFFICER)
    score_with_one_bad_and_one_missing_value(officer)
    expect(officer.page.locator(".verdict")).to_contain_text("Model: a person decides")
    expect(officer.page.locator(".result")).to_contain_text("a credit report")
    try_a_bad_credit_history(officer)
    reviewer = sign_in(Role.REVIEWER)
    claim_from_the_queue(reviewer)
    deny_against_the_advice(reviewer)
    print_the_notice(reviewer)
    find_and_export(reviewer)
    told = [said for hand in (officer, reviewer) for said in hand.page.complaints]
    assert [said for said in told if "status of 422" not in said] == []
