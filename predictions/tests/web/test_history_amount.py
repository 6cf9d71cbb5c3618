"""Amounts in the lists, and the history by amount."""

import pytest

from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.usefixtures("active_version")


@pytest.fixture
def officer(client_of, entries):
    client = client_of(Role.OFFICER)
    for loan_id, amount in (("SMALL", "90"), ("LARGE", "300"), ("NONE", "")):
        client.post("/score/", entries | {"loan_id": loan_id, "loan_amount": amount})
    return client


@pytest.mark.parametrize("page", ["/", "/history/"])
def test_a_list_names_amount_and_term(officer, page):
    assert "300 thousand, 360 months" in words(officer.get(page))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("amount_min=100", ["LARGE"]),
        ("amount_max=90", ["SMALL"]),
        ("amount_min=90&amount_max=300", ["LARGE", "SMALL"]),
    ],
)
def test_an_application_is_found_by_its_amount(officer, query, found):
    rows = ApiClient(officer.user).get(f"/api/v1/predictions/?{query}").json()["results"]
    assert [row["Loan_ID"] for row in rows] == found
    page = words(officer.get(f"/history/?{query}"))
    assert [name for name in ("LARGE", "SMALL", "NONE") if f"{name} " in page] == found


def test_an_amount_that_is_none_is_refused(officer):
    reply = officer.get("/history/?amount_min=much")
    assert (reply.status_code, "'much' is not an amount" in words(reply)) == (422, True)


def test_an_amount_is_searched_for_as_people_write_it(officer):
    page = words(officer.get("/history/?amount_min=0%2C1&amount_max=1%2C000"))
    assert [name for name in ("LARGE", "SMALL") if f"{name} " in page] == ["LARGE", "SMALL"]
    assert "may mean 1,000 or 1; write 1000 or 1" in words(officer.get("/history/?amount_min=1.000"))
