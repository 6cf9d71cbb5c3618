"""An officer's pages in a real browser: focus, narrow screens, time zones, what the console says."""

import pytest
from playwright.sync_api import expect

from predictions.roles import Role
from predictions.tests.browser.conftest import NARROW

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
REQUIRED = {
    "education": "Graduate",
    "applicant_income": "5720",
    "coapplicant_income": "0",
    "property_area": "Urban",
}


def tab_to(page, selector):
    """Press Tab until the element has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab never reaches {selector}")


def score(page, **entries):
    """Fill in the form and send it."""
    page.goto("/score/")
    for name, value in (REQUIRED | entries).items():
        field = page.locator(f"#id_{name}")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.click("main button[type=submit]")


def test_the_skip_link_comes_first_and_jumps_over_navigation(signed_in):
    page = signed_in(Role.OFFICER)
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("main a").first).to_be_focused()


def test_a_link_of_the_error_summary_leads_to_its_field(signed_in):
    page = signed_in(Role.OFFICER)
    score(page, applicant_income="x", loan_amount="y")
    page.get_by_role("alert").get_by_role("link", name="Loan amount").click()
    expect(page.locator("#id_loan_amount")).to_be_focused()


def test_what_has_the_focus_is_outlined(signed_in):
    page = signed_in(Role.OFFICER)
    page.goto("/score/")
    for selector in ("nav a[href='/score/']", ".sign-out button", "#id_loan_id", "#id_gender", "main button"):
        tab_to(page, selector)
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", selector


def test_the_page_of_the_api_makes_the_browser_not_complain(signed_in):
    page = signed_in(Role.ADMIN, viewport=NARROW)
    page.goto("/api/docs/")
    expect(page.get_by_text("/api/v1/predictions/", exact=True).first).to_be_visible()
    assert page.complaints == []


def test_a_refused_form_fits_a_narrow_screen(signed_in):
    page = signed_in(Role.OFFICER, viewport=NARROW)
    score(page, loan_id="W" * 300, applicant_income="9" * 300)
    expect(page.get_by_role("alert")).to_contain_text("2 values are invalid")
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


def test_the_browser_tells_its_time_zone_and_the_user_may_choose_another(signed_in):
    page = signed_in(Role.OFFICER, timezone_id="Asia/Tokyo")
    page.click("text=Times: Asia/Tokyo")
    page.select_option("#id_zone", "Europe/Berlin")
    page.click("main button")
    page.wait_for_url("/")
    expect(page.locator("footer")).to_contain_text("Times: Europe/Berlin")


def test_nothing_in_the_frame_is_too_small_to_press_and_the_admin_shows_the_focus(signed_in):
    page = signed_in(Role.ADMIN, viewport=NARROW)
    height = "all => all.map(one => one.getBoundingClientRect().height)"
    for address, selector in [("/", "header a, header button, footer a"), ("/admin/", "header a, #main a")]:
        page.goto(address)
        sizes = page.locator(selector).evaluate_all(height)
        assert min(sizes) >= 24, address
    tab_to(page, "#content a")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_case_on_paper_is_without_the_internal_note(signed_in):
    page = signed_in(Role.OFFICER)
    score(page)
    page.check("#id_denied")
    page.select_option("#id_code", "hidden_risk")
    page.fill("#id_note", "The employer has closed.")
    page.click("form.decide .submit button")
    expect(page.get_by_text("The employer has closed.").first).to_be_visible()
    page.emulate_media(media="print")
    assert "The employer has closed." not in page.inner_text("main")
