"""Values in place: whoever works a case fills a gap or corrects a value, and the application stays one."""

import pytest

from predictions.models import ApplicationEvent, Prediction, Referral
from predictions.roles import Role
from predictions.services.queue import claims
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.usefixtures("active_version")


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def zoe(client_of):
    return client_of(Role.REVIEWER, "zoe")


@pytest.fixture
def case(officer, entries):
    """A case of the officer that waits for its credit history."""
    officer.post("/score/", entries | {"loan_id": "A1", "credit_history": ""})
    return Prediction.objects.get()


@pytest.fixture
def change(entries):
    """Change values of a case as its page does: all fields are sent."""

    def send(client, case, **changed):
        sent = {name: text for name, text in entries.items() if name != "loan_id"} | {"credit_history": ""}
        return client.post(f"/predictions/{case.pk}/values/", sent | changed)

    return send


def test_a_reviewer_fills_the_gap_and_the_application_stays_the_officers(zoe, officer, case, change):
    assert change(zoe, case, credit_history="1").status_code == 303
    newest = Prediction.objects.first()
    assert (newest.owner, newest.made_by) == (officer.user, zoe.user)
    assert newest.application == case.application
    assert newest.inputs == case.inputs | {"Credit_History": 1.0}


def test_the_page_says_what_the_new_assessment_says(zoe, case, change):
    change(zoe, case, credit_history="1")
    page = words(zoe.get(f"/applications/{case.pk}/"))
    assert "Credit history: unknown → Meets the guidelines. Assessed again:" in page
    assert "zoe changed values" in page


def test_the_change_is_on_record_with_both_values_and_why(zoe, case, change):
    change(zoe, case, credit_history="0", why="As the report says.")
    event = ApplicationEvent.objects.get(kind="values_changed")
    assert (event.by, event.text, event.detail) == (
        zoe.user,
        "As the report says.",
        {"Credit_History": [None, 0.0]},
    )


def test_a_case_that_waits_goes_on_waiting_with_its_claim(zoe, case, change):
    claims.claim_case(prediction=case, by=zoe.user)
    change(zoe, case, credit_history="1")
    assert Referral.objects.get().assigned_to == zoe.user
    assert "Assigned to you" in words(zoe.get(f"/applications/{case.pk}/"))


def test_the_field_that_would_settle_it_comes_first(officer, case):
    page = officer.get(f"/applications/{case.pk}/").content.decode()
    assert "What would settle it" in page
    assert 'id="value_credit_history"' in page
    assert "Ask for a credit report." in words(page)


def test_a_value_that_nobody_may_enter_is_refused_by_its_field(zoe, case, change):
    reply = change(zoe, case, applicant_income="-1")
    assert reply.status_code == 422
    assert "-1 is too small" in words(reply)
    assert Prediction.objects.count() == 1


def test_nothing_changed_is_refused(zoe, case, change):
    reply = change(zoe, case)
    assert (reply.status_code, "No value differs" in words(reply)) == (422, True)


def test_an_outdated_prediction_takes_no_values(zoe, case, change):
    change(zoe, case, credit_history="1")
    assert change(zoe, case, credit_history="0").status_code == 409
    assert Prediction.objects.count() == 2


def test_another_persons_claim_refuses_values(officer, zoe, case, change):
    claims.claim_case(prediction=case, by=zoe.user)
    assert change(officer, case, credit_history="1").status_code == 409


def test_another_officer_cannot_see_the_case(client_of, case, change):
    assert change(client_of(Role.OFFICER, "ann"), case, credit_history="1").status_code == 404


def test_a_second_click_adds_nothing(zoe, case, change):
    token = {"form_token": "t" * 24, "credit_history": "1"}
    assert [change(zoe, case, **token).status_code for _ in range(2)] == [303, 303]
    assert Prediction.objects.count() == 2


@pytest.fixture
def by_api(user_with, case):
    reviewer = ApiClient(user_with(Role.REVIEWER, "ann"))
    return lambda **body: reviewer.post(f"/api/v1/predictions/{case.pk}/values/", body)


def test_values_in_place_by_api_reply_with_the_new_prediction(by_api, case):
    reply = by_api(values={"Credit_History": 1}, why="As the report says.")
    assert (reply.status_code, reply.json()["Loan_ID"]) == (201, "A1")
    assert Prediction.objects.get(pk=reply.json()["id"]).made_by.get_username() == "ann"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "values"),
        ([1], "values"),
        ({"Credit_History": 2}, "Credit_History"),
        ({"Loan_ID": "B2"}, "Loan_ID"),
        ({"Credit_Histroy": 1}, "Credit_Histroy"),
    ],
)
def test_bad_values_by_api_are_refused_by_name(by_api, values, field):
    reply = by_api(values=values)
    assert (reply.status_code, reply.json()["errors"][0]["attr"]) == (400, field)
    assert Prediction.objects.count() == 1
