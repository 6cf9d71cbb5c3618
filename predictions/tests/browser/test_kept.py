"""No work is lost when a session ends or a page is left: what was typed stays in the tab until it is sent."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.models import Decision, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.scoring import scoring
from predictions.tests.browser.test_officer import REQUIRED
from predictions.tests.conftest import PASSWORD

SCHEMA = built_in()

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
NOTE = "The employer has closed.\nThe applicant told us so."
BACK, OFFERED = "Your earlier entries were restored", "This page has changed since"
KEPT = "JSON.stringify(Object.entries(sessionStorage).filter(([key]) => key.startsWith('loansite')))"


@pytest.fixture
def officer(signed_in):
    return signed_in(Role.OFFICER)


@pytest.fixture
def case(officer, application, django_user_model):
    """The address of a case of the officer."""
    owner = django_user_model.objects.get(username="officer")
    facts = {"source": Prediction.Source.FORM, "request_id": "t"}
    scoring.score_records(owner=owner, records=[read_json_row(SCHEMA, application)], **facts)
    return f"/predictions/{Prediction.objects.get().pk}/"


@pytest.fixture
def letter(case):
    """The address of the notice of a case that the officer has denied."""
    prediction = Prediction.objects.get()
    why = {"code": "hidden_risk", "note": "Two loans in arrears."}
    decisions.decide(prediction=prediction, by=prediction.owner, verdict="denied", **why)
    return f"{case}notice/"


def end_sessions():
    Session.objects.all().delete()


def sign_in(page, name="officer"):
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("main button")


def fill_in_a_denial(page):
    page.check("#id_denied")
    page.select_option("#id_code", "hidden_risk")
    page.fill("#id_note", NOTE)


def test_a_decision_outlives_the_session_and_is_forgotten_once_it_is_recorded(officer, case):
    officer.goto(case)
    fill_in_a_denial(officer)
    end_sessions()
    officer.click("text=Record decision")
    expect(officer.locator("main")).to_contain_text("Your entries are kept in this tab")
    sign_in(officer)
    officer.wait_for_url(case)
    expect(officer.locator("form.decide")).to_contain_text(BACK)
    expect(officer.locator("#id_note")).to_have_value(NOTE)
    officer.click("text=Record decision")
    expect(officer.locator(".decisions")).to_contain_text("The employer has closed.")
    assert Decision.objects.get().note == NOTE
    assert officer.evaluate(KEPT) == "[]"


def test_a_decision_outlives_another_scoring_of_its_application(officer, case, application):
    officer.goto(case)
    fill_in_a_denial(officer)
    end_sessions()
    prediction = Prediction.objects.get()
    again = read_json_row(SCHEMA, application | {"Loan_ID": prediction.loan_id})
    scoring.score_records(
        owner=prediction.owner, records=[again], source=Prediction.Source.FORM, request_id="t"
    )
    officer.click("text=Record decision")
    sign_in(officer)
    officer.click("text=Open the newest prediction")
    expect(officer.locator("form.decide")).to_contain_text(BACK)
    officer.click("text=Record decision")
    expect(officer.locator(".decisions")).to_contain_text("The employer has closed.")
    assert officer.evaluate(KEPT) == "[]"


def test_an_application_outlives_a_sign_in_in_another_tab(officer):
    officer.goto("/score/")
    officer.fill("#id_loan_id", "LP77")
    for name, value in REQUIRED.items():
        field = officer.locator(f"#id_{name}")
        (field.fill if value.isdigit() else field.select_option)(value)
    end_sessions()
    other = officer.context.new_page()
    other.goto("/login/")
    sign_in(other)
    other.wait_for_url("/")
    officer.click("text=Score this application")
    expect(officer.locator("h1")).to_have_text("You signed in or out in another tab")
    officer.click("text=Back to the form")
    expect(officer.locator("#id_applicant_income")).to_have_value(REQUIRED["applicant_income"])
    officer.click("text=Score this application")
    officer.wait_for_url(re.compile(r"/applications/\d+/"))
    assert Prediction.objects.get().loan_id == "LP77"
    assert officer.evaluate(KEPT) == "[]"


def test_a_letters_edit_outlives_its_page_until_it_is_discarded(officer, letter):
    officer.goto(letter)
    drafted = officer.input_value("#id_text")
    officer.fill("#id_text", "Dear Ms Lee")
    officer.goto("/")
    officer.goto(letter)
    expect(officer.locator("main form.notice-form")).to_contain_text(BACK)
    expect(officer.locator("#id_text")).to_have_value("Dear Ms Lee")
    officer.goto(f"{letter}?draft=1")
    officer.click("text=Discard entries")
    expect(officer.locator("#id_text")).to_have_value(drafted)
    assert officer.evaluate(KEPT) == "[]"


def test_an_edit_is_offered_where_the_page_has_changed_since(officer, letter):
    officer.goto(letter)
    officer.fill("#id_text", "Dear Ms Lee")
    officer.goto("/")
    prediction = Prediction.objects.get()
    prediction.notices.create(by=prediction.owner, text="Somebody else's", at=prediction.created_at)
    officer.goto(letter)
    expect(officer.locator("main form.notice-form")).to_contain_text(OFFERED)
    expect(officer.locator("#id_text")).to_have_value("Somebody else's")
    officer.click("text=Restore my entries")
    expect(officer.locator("#id_text")).to_have_value("Dear Ms Lee")


def test_nobody_else_finds_what_was_typed_and_no_secret_is_kept(officer, letter, user_with):
    user_with(Role.REVIEWER)
    officer.goto(letter)
    officer.fill("#id_text", "Dear Ms Lee")
    end_sessions()
    officer.click("button[name=print]")
    officer.fill("#id_password", PASSWORD)
    kept = officer.evaluate(KEPT)
    assert "Dear Ms Lee" in kept
    assert not re.search(f"{PASSWORD}|csrf", kept)
    sign_in(officer, "reviewer")
    officer.wait_for_url(re.compile(letter))
    assert officer.evaluate(KEPT) == "[]"
    expect(officer.locator("#id_text")).not_to_have_value("Dear Ms Lee")


def test_a_what_if_of_an_ended_session_leads_to_sign_in_and_back(officer, case):
    officer.goto(case)
    end_sessions()
    officer.fill("#what_if_loan_amount", "222")
    officer.wait_for_url(re.compile("/login/"))
    sign_in(officer)
    officer.wait_for_url(case)
    expect(officer.locator("#what_if_loan_amount")).to_have_value("222")
    expect(officer.locator("#what_if_answer")).to_contain_text("points")
    officer.goto(case)
    expect(officer.locator("#what_if_loan_amount")).to_have_value("110")
