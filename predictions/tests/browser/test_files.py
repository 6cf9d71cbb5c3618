"""A person's file in a real browser: chosen, looked at, corrected and scored."""

import pytest
from playwright.sync_api import expect

from ml.tests.helpers.workbooks import xlsx
from predictions.models import Batch, Prediction
from predictions.roles import Role
from predictions.tests.browser.access import STILL, complaints_of, too_wide
from predictions.tests.browser.conftest import NARROW
from predictions.tests.helpers.batches import carry_out

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

HEADINGS = [
    "loan id",
    "applicant income",
    "co-applicant income",
    "loan amount",
    "education",
    "property area",
    "Branch",
]
ROWS = [
    ["B4-1", "5,720.50", 0, 110, "graduate", "urban", "4"],
    ["B4-2", "70,000", "1,500", "126k", "Not-Graduate", "semi-urban", "4"],
    ["B4-3", 3276, 0, "maybe", "Graduate", "rural", "4"],
]
GERMAN = (
    "loan id;applicant income;coapp. income;LoanAmount;education;property area;credit hist\n"
    "B4-1;5.720;0;110;graduate;urban;yes\n"
    "B4-2;1.234;1.500;126;Not-Graduate;semi-urban;maybe\n"
)


@pytest.fixture
def officer(signed_in):
    return signed_in(Role.OFFICER, **STILL)


def choose(page, name, content):
    page.goto("/batches/")
    page.set_input_files(
        "#id_file", {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Upload").click()


def test_a_sheet_with_a_further_column_and_separators_is_scored_in_three_clicks(officer):
    choose(officer, "november.xlsx", xlsx([HEADINGS, *ROWS]))
    officer.get_by_role("button", name="Score 2 rows").click()
    carry_out(Batch.objects.get().pk)
    officer.reload()
    with officer.expect_download() as download:
        officer.get_by_role("link", name="results.csv").first.click()
    assert len(download.value.path().read_text().splitlines()) == 3
    incomes = {row.loan_id: row.inputs["ApplicantIncome"] for row in Prediction.objects.all()}
    assert incomes == {"B4-1": 5720.5, "B4-2": 70000}


def test_an_open_decimal_mark_is_chosen_and_seen_by_keyboard_alone(officer):
    choose(officer, "b.csv", GERMAN.encode())
    expect(officer.get_by_role("button", name="Score")).to_be_disabled()
    officer.focus("#id_decimal")
    officer.keyboard.type("Decimal comma")
    officer.keyboard.press("Enter")
    officer.get_by_role("button", name="Read again").press("Enter")
    expect(officer.get_by_role("button", name="Score 1 row")).to_be_focused()
    officer.keyboard.press("Enter")
    officer.wait_for_url("**/batches/*/")
    assert Batch.objects.count() == 1


def test_nobody_is_kept_out_of_a_look_at_a_file(officer):
    choose(officer, "b.csv", GERMAN.encode())
    assert complaints_of(officer) + too_wide(officer) == []
    officer.select_option("#id_decimal", "comma")
    officer.get_by_role("button", name="Read again").click()
    assert complaints_of(officer) + too_wide(officer) == []


def test_a_marked_cell_is_in_view_on_a_telephone_and_its_fault_leads_there(signed_in):
    telephone = signed_in(Role.OFFICER, viewport=NARROW, **STILL)
    choose(telephone, "b.xlsx", xlsx([HEADINGS, *ROWS]))
    cell, scroller = telephone.locator("td.refused"), telephone.locator(".draft-rows")
    assert is_within(cell, scroller)
    expect(telephone.get_by_role("button", name="Score 2 rows")).to_be_focused()
    scroller.evaluate("rows => rows.scrollLeft = 0")
    assert not is_within(cell, scroller)
    telephone.get_by_role("link", name="Row 4, LoanAmount").press("Enter")
    assert is_within(cell, scroller)
    expect(cell).to_be_in_viewport()


def is_within(cell, scroller):
    """Whether a scroller shows a cell from its left to its right edge."""
    shown, outer = cell.bounding_box(), scroller.bounding_box()
    return outer["x"] <= shown["x"] and shown["x"] + shown["width"] <= outer["x"] + outer["width"] + 1
