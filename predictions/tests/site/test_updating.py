"""Migrations and what an earlier version stores meanwhile; `faults/test_update.py` has real writers."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from predictions.models import Applicant, Prediction
from predictions.roles import Role
from predictions.tests.conftest import APPLICATION
from predictions.tests.helpers.api import ApiClient

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
BY_NAME = {key: value for key, value in APPLICATION.items() if key != "Loan_ID"}


def execute(statement, values=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def midway(active_version, user_with):
    """A site between 0021 and 0022, for which the earlier version stored a prediction in its own way."""
    reply = ApiClient(user_with(Role.OFFICER)).post("/api/v1/predictions/", APPLICATION)
    assert reply.status_code == 201
    try:
        call_command("migrate", "predictions", "0020", verbosity=0)
        call_command("migrate", "predictions", "0021", "--fake", verbosity=0)
        execute("UPDATE predictions_prediction SET loan_id = NULL")
        yield
    finally:
        call_command("migrate", verbosity=0)


def test_what_the_earlier_version_stored_after_filling_is_taken_along_forwards(midway):
    call_command("migrate", verbosity=0)
    assert Prediction.objects.get().inputs == BY_NAME
    assert Applicant.objects.get().loan_id == "LP001015"


def test_what_the_earlier_version_stored_after_filling_goes_back_too(midway):
    call_command("migrate", "predictions", "0019", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT inputs, applicant_id FROM predictions_prediction")
        inputs, applicant = cursor.fetchone()
    inputs = json.loads(inputs) if isinstance(inputs, str) else inputs
    assert (inputs["Loan_ID"], applicant is None) == ("LP001015", False)


def test_rows_that_a_migration_cannot_take_are_a_sentence(midway):
    execute("UPDATE predictions_prediction SET applicant_id = NULL")
    try:
        with pytest.raises(CommandError, match="0022_applicants_as_a_view was not applied"):
            call_command("migrate", verbosity=0)
    finally:
        execute("UPDATE predictions_prediction SET applicant_id = (SELECT id FROM predictions_applicant)")
