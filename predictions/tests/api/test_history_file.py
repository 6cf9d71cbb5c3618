"""The history as a file, for programs."""

import csv

from predictions.models import AuditRecord
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient

ADDRESS = "/api/v1/history.csv"


def rows_of(reply):
    return [*csv.DictReader(b"".join(reply.streaming_content).decode("utf-8-sig").splitlines())]


def test_the_file_has_the_predictions_that_the_filters_leave(active_version, user_with, application):
    ApiClient(user_with(Role.OFFICER)).post(
        "/api/v1/predictions/", [application, application | {"Loan_ID": "2"}]
    )
    reviewer = ApiClient(user_with(Role.REVIEWER, "zoe"))
    assert [row["Loan_ID"] for row in rows_of(reviewer.get(ADDRESS))] == ["2", application["Loan_ID"]]
    assert [row["Loan_ID"] for row in rows_of(reviewer.get(f"{ADDRESS}?Loan_ID=2"))] == ["2"]
    assert AuditRecord.objects.filter(action="history download").count() == 2


def test_an_unknown_filter_is_refused(active_version, user_with):
    reply = ApiClient(user_with(Role.REVIEWER, "zoe")).get(f"{ADDRESS}?colour=red")
    assert (reply.status_code, reply.json()["errors"][0]["attr"]) == (400, "colour")
