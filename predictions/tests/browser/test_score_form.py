"""The form of an application under an officer's hands: focus, Enter, drafts, remarks while typing, paste."""

import re

import pytest
from playwright.sync_api import expect

from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.browser.test_kept import KEPT, end_sessions, sign_in
from predictions.tests.browser.test_officer import REQUIRED

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
RESULT = re.compile(r"/applications/\d+/")


@pytest.fixture
def page(signed_in):
    """The empty form of an officer."""
    page = signed_in(Role.OFFICER)
    page.goto("/score/")
    return page


def fill_in(page, **entries):
    for name, value in (REQUIRED | entries).items():
        field = page.locator(f"#id_{name}")
        (field.fill if value[:1].isdigit() or name == "loan_id" else field.select_option)(value)


@pytest.mark.parametrize("field", ["applicant_income", "property_area"])
def test_enter_scores_from_a_text_and_from_a_list(page, field):
    expect(page.locator("#id_loan_id")).to_be_focused()
    fill_in(page)
    page.press(f"#id_{field}", "Enter")
    page.wait_for_url(RESULT)
    assert Prediction.objects.count() == 1
    assert page.evaluate(KEPT) == "[]"


def test_a_draft_outlives_a_reload_and_a_session_and_goes_by_clear(page):
    fill_in(page, loan_id="LP77")
    page.reload()
    expect(page.locator("#id_loan_id")).to_have_value("LP77")
    end_sessions()
    page.reload()
    sign_in(page)
    page.wait_for_url("/score/")
    expect(page.locator("#id_applicant_income")).to_have_value(REQUIRED["applicant_income"])
    page.click("text=Clear")
    expect(page.locator("#id_loan_id")).to_have_value("")
    assert page.evaluate(KEPT) == "[]"


def test_signing_out_in_one_tab_forgets_the_drafts_of_all(page):
    fill_in(page, loan_id="LP77")
    other = page.context.new_page()
    other.goto("/")
    other.click(".sign-out button")
    other.wait_for_url(re.compile("login"))
    page.wait_for_function(f"{KEPT} === '[]'")
    assert page.evaluate(KEPT) == "[]"
    page.reload()
    sign_in(page, "officer")
    page.wait_for_url("/score/")
    expect(page.locator("#id_loan_id")).to_have_value("")


def test_a_draft_is_of_one_account(page, user_with):
    user_with(Role.REVIEWER)
    fill_in(page, loan_id="LP77")
    end_sessions()
    page.reload()
    sign_in(page, "reviewer")
    page.wait_for_url("/score/")
    expect(page.locator("#id_loan_id")).to_have_value("")
    assert page.evaluate(KEPT) == "[]"


def said(page, name):
    return page.locator(f"#id_{name}_said")


def tops(page):
    """Return where each label is on the page."""
    top = "one => one.getBoundingClientRect().top + scrollY"
    return page.locator("main label").evaluate_all(f"all => all.map({top})")


def test_each_entry_is_told_as_it_is_read_without_moving_anything(page):
    before = tops(page)
    page.type("#id_applicant_income", "$ 4,100")
    expect(said(page, "applicant_income")).to_have_text("Read as 4,100 per month.")
    expect(page.locator("#id_applicant_income")).to_be_focused()
    assert tops(page) == before
    page.type("#id_loan_amount", "128000")
    expect(said(page, "loan_amount")).to_contain_text("128,000 is unusual")
    page.type("#id_loan_amount", "x")
    expect(said(page, "loan_amount")).to_contain_text("'128000x' is not")
    expect(page.locator("#id_loan_amount")).to_have_attribute("aria-invalid", "true")
    page.fill("#id_loan_amount", "128")
    expect(said(page, "loan_amount")).to_be_empty()
    expect(page.locator("#id_loan_amount")).not_to_have_attribute("aria-invalid", "true")
    assert page.complaints == []


def test_a_fault_of_a_refused_form_stays_until_its_field_is_changed(page):
    page.press("#id_loan_id", "Enter")
    expect(said(page, "applicant_income")).to_contain_text("A value is required")
    page.type("#id_loan_id", "A\u200b")
    expect(said(page, "loan_id")).to_contain_text("is not a Loan_ID")
    expect(said(page, "applicant_income")).to_contain_text("A value is required")
    page.fill("#id_applicant_income", "4100")
    expect(said(page, "applicant_income")).to_be_empty()


def paste(page, selector, text):
    page.focus(selector)
    page.evaluate(
        """text => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(pasted);
        }""",
        text,
    )


def test_a_pasted_row_fills_the_form_and_is_kept(page):
    page.fill("#id_loan_amount", "77")
    paste(page, "#id_property_area", "LoanAmount\tProperty_Area\tApplicantIncome\n110\tUrban\tmuch\n")
    expect(page.locator("#pasted")).to_contain_text("2 values of the pasted row were filled in.")
    expect(page.locator("#id_loan_amount")).to_have_value("110")
    expect(page.locator("#id_property_area")).to_have_value("Urban")
    expect(said(page, "applicant_income")).to_contain_text("'much' is not")
    expect(page.locator("#id_property_area")).to_be_focused()
    page.reload()
    expect(page.locator("#id_loan_amount")).to_have_value("110")


def test_a_pasted_row_is_undone_and_a_pasted_text_is_left_to_the_browser(page):
    page.fill("#id_loan_amount", "77")
    paste(page, "#id_loan_id", "LoanAmount\tLoan_ID\n110\tA1")
    page.click("text=Undo")
    expect(page.locator("#id_loan_amount")).to_have_value("77")
    paste(page, "#id_loan_id", "A1\t\n")
    expect(page.locator("#pasted")).to_be_empty()
