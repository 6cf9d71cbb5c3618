"""A model manager's work in a real browser: train, compare, switch, go back, look it up."""

import csv
import re

import pytest
from playwright.sync_api import expect

from ml.products.loan_prediction.sample import write_sample
from ml.tests.helpers.workbooks import xlsx
from predictions.models import TrainingRun
from predictions.roles import Role
from predictions.services.versions import registry, training_runs
from predictions.tests.browser.access import STILL, complaints_of, too_wide
from predictions.tests.helpers.queue import carry_out_queue

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def table(settings, tmp_path):
    settings.TRAINING_FILES = tmp_path / "training"
    path = tmp_path / "table.csv"
    write_sample(path)
    return path


def work(trained):
    """Do the queued training as a worker that has learned the same before."""
    run = TrainingRun.objects.get()
    training_runs.start_run(run=run)
    run.version = registry.register(trained=trained, by=run.created_by)
    training_runs.finish_run(run=run, status=TrainingRun.Status.SUCCEEDED)


def switch(page, address, reason):
    page.goto(address)
    page.fill("#id_reason", reason)
    page.click("main form button:has-text('version')")


def test_from_a_file_to_a_live_version_and_back_without_javascript(signed_in, active_version, trained, table):
    page = signed_in(Role.MODEL_MANAGER, java_script_enabled=False)
    page.click("nav >> text=Models")
    page.click("text=Train a model")
    page.set_input_files("#id_upload", table)
    page.click("text=Continue")
    page.click("text=Train on 614 rows")
    page.wait_for_url(re.compile(r"/models/training/\d+/"))
    expect(page.locator("h1")).to_contain_text("Queued")
    work(trained)
    page.reload()
    page.click("text=See version")
    made = page.url
    page.click("text=Compare with the baselines")
    carry_out_queue()
    page.goto(made)
    expect(page.get_by_text("This version passes the gate.")).to_be_visible()
    switch(page, made, "It was trained on newer rows")
    expect(page.get_by_role("status").first).to_contain_text("is active")
    switch(page, f"/models/{active_version.pk}/", "The newer rows were wrong")
    page.click("text=Timeline")
    expect(page.get_by_role("row").nth(1)).to_contain_text("The newer rows were wrong")


def as_a_person_keeps_it(table):
    """A workbook with a cover, other headings, a word that nobody knows, and rows to leave out."""
    header, *rows = csv.reader(table.read_text().splitlines())
    header[header.index("ApplicantIncome")] = "income of applicant"
    for row, word in zip(rows, ["closed", "closed", "leave out", "approved"], strict=False):
        row[-1] = word
    return xlsx(Cover=[["Loans of 2025"]], Loans=[[*header, "Branch"], *([*row, "4"] for row in rows)])


def choose_table(page, content):
    page.goto("/models/training/")
    file = {"name": "loans.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files("#id_upload", file)
    page.click("text=Continue")


def test_a_table_is_corrected_where_it_is_shown_and_then_trained_on(signed_in, table):
    page = signed_in(Role.MODEL_MANAGER, **STILL)
    choose_table(page, as_a_person_keeps_it(table))
    expect(page.get_by_role("button", name="Train")).to_be_disabled()
    assert complaints_of(page) + too_wide(page) == []
    page.get_by_label("What closed means").select_option("N: bad")
    page.get_by_label("What income of applicant means").select_option("ApplicantIncome")
    page.get_by_role("button", name="Read again").click()
    assert complaints_of(page) + too_wide(page) == []
    page.get_by_role("button", name="Train on 613 rows").click()
    page.wait_for_url(re.compile(r"/models/training/\d+/"))
    assert TrainingRun.objects.get().file.rows == 613
