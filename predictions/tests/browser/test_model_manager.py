"""A model manager's work in a real browser: train, compare, switch, go back, look it up."""

import re

import pytest
from playwright.sync_api import expect

from ml.products.loan_prediction.sample import write_sample
from predictions.models import TrainingRun
from predictions.roles import Role
from predictions.services.versions import registry, training_runs
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
    page.click("text=Start training")
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
