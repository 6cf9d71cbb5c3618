"""Reading predictions and applicants back: own rows, filters, keyset pages."""

import pytest

from predictions.live.process_state import reset_process_state
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient

URL = "/api/v1/predictions/"


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def scored(api, application):
    rows = [application | {"Loan_ID": f"L{n}", "Credit_History": n % 2} for n in range(5)]
    return api.post(URL, rows).json()["predictions"]


def ids(response):
    return [row["id"] for row in response.json()["results"]]


def test_predictions_are_listed_newest_first(api, scored):
    assert ids(api.get(URL)) == [row["id"] for row in reversed(scored)]


def test_pages_follow_each_other_without_a_gap(api, scored):
    first = api.get(f"{URL}?page_size=3").json()
    second = api.get(first["next"]).json()
    assert [row["Loan_ID"] for row in first["results"] + second["results"]] == ["L4", "L3", "L2", "L1", "L0"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Loan_ID=L3", ["L3"]),
        ("outcome=denied", ["L4", "L2", "L0"]),
        ("outcome=approved&Loan_ID=L0", []),
        ("source=article", []),
        ("created_after=2999-01-01T00:00:00Z", []),
        ("created_before=2999-01-01T00:00:00Z&Loan_ID=L1", ["L1"]),
    ],
)
def test_predictions_are_filtered(api, scored, query, expected):
    results = api.get(f"{URL}?{query}").json()["results"]
    assert [row["Loan_ID"] for row in results] == expected


def test_predictions_are_filtered_by_version(api, scored, active_version):
    assert len(ids(api.get(f"{URL}?model_version={active_version.pk}"))) == 5
    assert ids(api.get(f"{URL}?model_version={active_version.pk + 1}")) == []


def test_a_list_takes_the_same_queries_however_long(api, scored, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        api.get(URL)


def test_others_predictions_are_not_there(scored, user_with):
    other = ApiClient(user_with(Role.OFFICER, "zoe"))
    assert ids(other.get(URL)) == []
    assert other.get(f"{URL}{scored[0]['id']}/").status_code == 404


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.ADMIN])
def test_reviewers_auditors_and_admins_see_everybodys(scored, user_with, role):
    assert len(ids(ApiClient(user_with(role)).get(URL))) == 5


def test_applicants_show_the_values_last_scored(api, scored, application):
    api.post(URL, application | {"Loan_ID": "L0", "LoanAmount": 99})
    [applicant] = api.get("/api/v1/applicants/?Loan_ID=L0").json()["results"]
    assert (applicant["LoanAmount"], applicant["Property_Area"]) == (99.0, "Urban")


def test_a_revoked_token_no_longer_reads(api, scored):
    from knox.models import AuthToken

    AuthToken.objects.all().delete()
    reset_process_state()
    assert api.get(URL).status_code == 401
