"""From a table to a product in a real browser: with the mouse and no JavaScript, and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from predictions.models import Product, ProductDraft, TrainingRun
from predictions.roles import Role
from predictions.tests.browser.hands import Keyboard, Mouse
from predictions.tests.products.tables import table

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "boats.csv"
    path.write_bytes(table())
    return path


@pytest.mark.parametrize(("hand", "script"), [(Mouse, False), (Keyboard, True)])
def test_from_a_table_to_a_product_and_its_training(signed_in, file, hand, script):
    page = signed_in(Role.MODEL_MANAGER, java_script_enabled=script)
    do = hand(page)
    page.goto("/products/new/")
    page.set_input_files("#id_table", file)
    do.fill("#id_title", "Boat loan")
    do.press("button:has-text('Read the table')")
    do.press("button:has-text('Draft the columns')")
    do.fill("#id_means", "repaid within a year")
    do.press("button[value=open-0]")
    do.fill("#more-unit", "EUR")
    do.press("button:has-text('Preview the form')")
    expect(page.locator("form.preview")).to_contain_text("EUR")
    do.fill("#id_reason", "We lend on boats")
    do.press("button:has-text('Save version 1')")
    expect(page.locator("h1")).to_contain_text("Training")
    assert Product.objects.filter(name="boat-loan").exists()
    assert TrainingRun.objects.get().file.name == "boats.csv"


def test_a_closed_tab_loses_nothing(signed_in, file):
    page = signed_in(Role.MODEL_MANAGER)
    page.goto("/products/new/")
    page.set_input_files("#id_table", file)
    page.fill("#id_title", "Boat loan")
    page.click("button:has-text('Read the table')")
    page.click("button:has-text('Draft the columns')")
    page.fill("[name=label-0]", "Pay per month")
    expect(page.locator("[data-draft-status]")).to_have_text("Draft kept.")
    page.close()
    assert ProductDraft.objects.get().entries["columns"][0]["label"] == "Pay per month"
