"""The way of an application from a gap to an offer of other terms: three people, one case, by API alone."""

import csv

import pytest

from predictions.models import Policy
from predictions.roles import Role
from predictions.services.policies import policies
from predictions.tests.helpers.api import ApiClient

V1 = "/api/v1"
LIMIT, ASKED, OFFERED = 100, 700, 200  # thousands
WHY = {"code": "compensating", "note": "The guarantor pays half of it."}


@pytest.fixture
def people(active_version, user_with):
    """An officer, a reviewer and an admin, under a policy with a limit of the amount."""
    limited = Policy(threshold=0.5, limit_amount=LIMIT)
    policies.adopt_policy(policy=limited, replaces=Policy.objects.newest().pk, by=None, reason="A limit")
    return [ApiClient(user_with(role)) for role in (Role.OFFICER, Role.REVIEWER, Role.ADMIN)]


def test_from_a_gap_to_an_offer_of_other_terms(people, application):
    officer, reviewer, admin = people
    case = waits_with_a_gap(officer, application)
    is_assigned(admin, reviewer, case)
    newest = is_filled_in(reviewer, case)
    is_offered_less(reviewer, case, newest)
    is_confirmed(reviewer, admin, case)
    has_its_letter(reviewer, case)
    is_found_by_its_amount(admin, newest)


def waits_with_a_gap(officer, application):
    """The address of the application, which waits for its credit history."""
    row = application | {"Loan_ID": "WALK-1", "LoanAmount": ASKED, "Credit_History": None}
    scored = officer.post(f"{V1}/predictions/", row).json()
    assert (scored["outcome"], "gap" in [cause["code"] for cause in scored["causes"]]) == ("refer", True)
    case = f"{V1}/applications/{scored['id']}/"
    assert officer.get(case).json()["state"] == "waiting"
    return case


def is_assigned(admin, reviewer, case):
    wish = {"to": reviewer.user.username}
    assert admin.post(f"{case}assign/", wish).json()["claim"]["by"] == "reviewer"
    (waiting,) = reviewer.get(f"{V1}/queue/?view=mine").json()["results"]
    assert case.endswith(f"/{waiting['id']}/")


def is_filled_in(reviewer, case):
    """The prediction that the added value makes; it stays the officer's, and waits on."""
    gap = reviewer.get(case).json()["prediction"]
    values = {"values": {"Credit_History": 1}, "why": "As the report says."}
    added = reviewer.post(f"{V1}/predictions/{gap}/values/?could_be=true", values).json()
    assert added["could_be"]["value"] == LIMIT
    facts = reviewer.get(case).json()
    assert (facts["prediction"], facts["state"], facts["owner"]) == (added["id"], "waiting", "officer")
    return added["id"]


def is_offered_less(reviewer, case, newest):
    """Less than was asked for, and more than the limit: it is proposed."""
    wish = WHY | {"verdict": "approved", "terms": {"LoanAmount": OFFERED}, "prediction": newest, "after": 0}
    proposed = reviewer.post(f"{case}decisions/", wish)
    assert (proposed.status_code, "limit_amount" in proposed.json()["limits"]) == (202, True)
    assert reviewer.get(case).json()["state"] == "proposed"


def is_confirmed(reviewer, admin, case):
    (waiting,) = admin.get(f"{V1}/proposals/?open=true").json()["results"]
    confirm = f"{V1}/proposals/{waiting['id']}/confirm/"
    assert reviewer.post(confirm, {}).status_code == 409
    assert admin.post(confirm, {}).json()["answered_by"] == "admin"
    facts = admin.get(case).json()
    (made,) = facts["decisions"]
    assert (facts["state"], made["terms"]) == ("decided", {"LoanAmount": OFFERED})
    assert (made["by"], made["confirmed_by"]) == ("reviewer", "admin")


def has_its_letter(reviewer, case):
    draft = reviewer.get(f"{case}letter/").json()
    assert (draft["id"], draft["printable"]) == (None, False)
    saved = reviewer.post(f"{case}letter/", {}).json()
    assert saved["text"] == draft["text"].strip()
    assert (saved["printable"], saved["by"]) == (True, "reviewer")


def is_found_by_its_amount(admin, newest):
    asked, less = (f"amount_min={amount}&amount_max={amount}" for amount in (ASKED, OFFERED))
    found = admin.get(f"{V1}/predictions/?{asked}").json()["results"]
    assert newest in [row["id"] for row in found]
    assert admin.get(f"{V1}/predictions/?{less}").json()["results"] == []
    lines = b"".join(admin.get(f"{V1}/history.csv?{asked}").streaming_content).decode("utf-8-sig")
    assert {row["Loan_ID"] for row in csv.DictReader(lines.splitlines())} == {"WALK-1"}
