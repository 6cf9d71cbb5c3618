"""What-if in a real browser: live with a script, by a button without one."""

import re

import pytest
from playwright.sync_api import expect

from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.browser.conftest import NARROW
from predictions.tests.browser.test_officer import score

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
CASE = {"loan_amount": "110", "loan_amount_term": "360", "credit_history": "1"}


def field(page, name):
    return page.locator(f"#what_if_{name}")


@pytest.fixture
def case(signed_in):
    """A scored case as its officer sees it."""

    def make(**options):
        page = signed_in(Role.OFFICER, **options)
        score(page, **CASE)
        page.wait_for_url(re.compile(r"/applications/\d+/"))
        return page

    return make


def test_typing_a_value_moves_probability_and_reasons_without_a_reload(case):
    page = case()
    page.evaluate("window.stayed = true")
    field(page, "credit_history").select_option("0")
    expect(page.locator("#what_if_answer")).to_contain_text("Model: deny")
    expect(page.locator("#what_if_said")).to_have_text(re.compile(r"Probability [\d.]+%, model: deny\."))
    expect(page.locator("#what_if_reasons")).to_contain_text("does not meet the guidelines")
    assert page.evaluate("window.stayed")
    assert page.complaints == []
    assert Prediction.objects.count() == 1


def test_a_half_written_value_is_told_by_its_field_and_the_result_stays_struck_through(case):
    page = case()
    field(page, "credit_history").select_option("0")
    expect(page.locator("#what_if_answer")).to_contain_text("Model: deny")
    field(page, "loan_amount").press_sequentially("x")
    expect(page.locator("#what_if_loan_amount_error")).to_contain_text("is not a number")
    expect(page.locator("#what_if_answer")).to_contain_text("Model: deny")
    expect(page.locator("#what_if_answer .outcome")).to_have_css("text-decoration-line", "line-through")
    expect(page.locator("#what_if_stale")).to_contain_text("Correct the marked field")
    expect(field(page, "loan_amount")).to_be_focused()
    page.keyboard.press("Backspace")
    expect(page.locator("#what_if_loan_amount_error")).to_be_empty()
    expect(page.locator("#what_if_stale")).to_be_empty()
    expect(page.locator("#what_if_answer .outcome")).to_have_css("text-decoration-line", "none")
    assert page.complaints == []


def test_an_answer_that_does_not_come_is_told_beside_the_last_one(case):
    page = case()
    page.route("**/what-if/", lambda route: route.abort())
    field(page, "loan_amount").fill("900")
    expect(page.locator("#what_if_stale")).to_contain_text("The site did not try these values.")


def test_the_case_comes_back_with_a_button(case):
    page = case(viewport=NARROW)
    field(page, "loan_amount").fill("900")
    expect(page.locator("#what_if_answer")).to_contain_text("\N{MINUS SIGN}")
    page.click("text=Reset to this case's values")
    expect(field(page, "loan_amount")).to_have_value("110")
    expect(page.locator("#what_if_answer")).to_contain_text("0.0 percentage points")
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
