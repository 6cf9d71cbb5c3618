"""The queue by API: views, filters, orders and pages."""

import pytest

from predictions.models import Referral
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient

URL = "/api/v1/queue/"


@pytest.fixture
def officer(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def refer(officer, application):
    """Score applications that the model refers, one call for all."""

    def make(*amounts):
        rows = [
            application | {"Loan_ID": f"L{amount}", "LoanAmount": amount, "Credit_History": None}
            for amount in amounts
        ]
        scored = officer.post("/api/v1/predictions/", rows).json()["predictions"]
        return [row["id"] for row in scored]

    return make


def amounts(client, query=""):
    return [row["amount"] for row in client.get(f"{URL}{query}").json()["results"]]


def test_a_row_says_what_waits_and_why(officer, refer, application):
    (pk,) = refer(110)
    again = application | {"Loan_ID": "L110", "LoanAmount": 120, "Credit_History": None}
    newest = officer.post("/api/v1/predictions/", again).json()
    (row,) = officer.get(URL).json()["results"]
    assert (row["id"], row["Loan_ID"], row["prediction"]) == (pk, "L110", newest["id"])
    assert (row["amount"], row["causes"], row["source"]) == (120, ["gap"], "api")
    assert (row["assigned_to"], row["held_until"], row["batch"]) == (None, None, None)


def test_views_and_filters_are_those_of_the_page(officer, refer):
    first, *_ = refer(110, 120, 130)
    officer.post(f"/api/v1/applications/{first}/claim/", {})
    assert (amounts(officer, "?view=mine"), amounts(officer, "?view=unclaimed")) == ([110], [120, 130])
    assert officer.get(f"{URL}?view=mine").json()["results"][0]["assigned_to"] == "officer"
    assert amounts(officer, "?amount_min=115&amount_max=125") == [120]
    assert (amounts(officer, "?cause=band"), amounts(officer, "?cause=gap&from_batch=false")) == (
        [],
        [110, 120, 130],
    )


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("oldest", [120, 110, 130]), ("newest", [130, 110, 120]), ("smallest", [110, 120, 130]),
     ("largest", [130, 120, 110])],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_keep_the_order_also_of_cases_that_came_at_one_moment(officer, refer, sort, expected, size):
    refer(120, 110, 130)
    found, address = [], f"{URL}?sort={sort}&page_size={size}"
    while address:
        page = officer.get(address).json()
        found, address = found + [row["amount"] for row in page["results"]], page["next"]
    assert found == expected


@pytest.mark.parametrize("sort", ["largest", "smallest"])
def test_cases_without_an_amount_come_last(officer, refer, sort):
    refer(110, 120, 130)
    Referral.objects.exclude(amount=110).update(amount=None)
    page = officer.get(f"{URL}?sort={sort}&page_size=2").json()
    last = officer.get(page["next"]).json()
    assert [row["amount"] for row in page["results"] + last["results"]] == [110, None, None]
    assert last["next"] is None


def test_a_page_goes_on_when_the_case_before_it_was_decided(officer, refer):
    first, *_ = refer(110, 120)
    following = officer.get(f"{URL}?page_size=1").json()["next"]
    officer.post(f"/api/v1/applications/{first}/decisions/", {"verdict": "approved"})
    assert [row["amount"] for row in officer.get(following).json()["results"]] == [120]


@pytest.mark.parametrize(
    ("query", "status"),
    [("view=yours", 400), ("sort=random", 400), ("cause=mood", 400), ("page_size=0", 400), ("start=1", 400),
     ("cursor=x", 404), ("cursor=x~1", 404), ("cursor=nan~1&sort=largest", 404), ("cursor=~1", 200)],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_refused(officer, query, status):
    assert officer.get(f"{URL}?{query}").status_code == status


def test_an_officer_lists_own_cases_and_a_reviewer_everybodys(refer, user_with):
    refer(110)
    assert amounts(ApiClient(user_with(Role.REVIEWER))) == [110]
    assert amounts(ApiClient(user_with(Role.OFFICER, "other"))) == []


def test_the_queue_takes_the_same_queries_however_long(officer, refer, django_assert_max_num_queries):
    refer(110, 120, 130, 140)
    officer.get(URL)
    with django_assert_max_num_queries(2):
        assert len(amounts(officer)) == 4
