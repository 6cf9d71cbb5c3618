"""Work on a case beside deciding it: holds, notes, withdrawals, assignments."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from predictions.models import ApplicationEvent, AuditRecord, Claim, Hold, Prediction, Proposal, Referral
from predictions.roles import Role
from predictions.services.cases import holds
from predictions.tests.helpers.pages import score_meant, words

pytestmark = pytest.mark.usefixtures("active_version")
ASKED = "Please send the last three payslips."


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def zoe(client_of):
    return client_of(Role.REVIEWER, "zoe")


@pytest.fixture
def refer(officer, entries):
    """Score an application that the model refers."""

    def make(loan_id="A1"):
        score_meant(officer, entries | {"loan_id": loan_id, "credit_history": ""})
        return Prediction.objects.first()

    return make


@pytest.fixture
def case(refer):
    return refer()


def in_days(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def post(client, case, what, **entries):
    return client.post(f"/predictions/{case.pk}/{what}/", entries)


def hold(client, case, asked=ASKED, until=None):
    return post(client, case, "hold", asked=asked, until=in_days(7) if until is None else until)


def page(client, case):
    return words(client.get(f"/predictions/{case.pk}/"))


def test_a_hold_says_what_was_asked_and_until_when(officer, case):
    assert hold(officer, case).status_code == 303
    assert "On hold until" in page(officer, case)
    assert ASKED in page(officer, case)
    assert AuditRecord.objects.get(action="hold").by == officer.user


def test_the_same_hold_sent_twice_is_one(officer, case):
    hold(officer, case), hold(officer, case)
    assert Hold.objects.count() == 1


def test_a_case_on_hold_takes_no_second_hold(officer, case):
    hold(officer, case)
    assert "is on hold until" in words(hold(officer, case, asked="A letter"))


def test_a_case_on_hold_comes_back_by_itself(officer, case):
    ten_days_ago = timezone.now() - timedelta(days=10)
    facts = {"asked": ASKED, "until": (ten_days_ago + timedelta(days=7)).date(), "now": ten_days_ago}
    holds.put_on_hold(prediction=case, by=officer.user, **facts)
    assert "On hold until" not in page(officer, case)
    assert "Put on hold" in page(officer, case)


def test_a_hold_can_be_ended_early(officer, case):
    hold(officer, case)
    assert post(officer, case, "hold/end").status_code == 303
    ended = Hold.objects.get()
    assert (ended.ended_by, Referral.objects.get().held_until) == (officer.user, None)
    assert post(officer, case, "hold/end").status_code == 303  # a second click


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("asked", " ", "A text of 1 to 500 characters is expected."),
        ("asked", "x" * 501, "At most 500 characters"),
        ("until", "", "A day is expected, such as 2026-01-31."),
        ("until", "soon", "'soon' is not a day"),
        ("until", "2020-01-31", "2020-01-31 cannot be the last day."),
        ("until", "9999-01-31", "9999-01-31 cannot be the last day."),
    ],
)
def test_a_hold_refuses_by_field(officer, case, field, value, fault):
    reply = hold(officer, case, **{field: value})
    assert (reply.status_code, Hold.objects.exists()) == (422, False)
    assert fault in words(reply)


def test_only_a_waiting_case_can_be_held(officer, entries):
    score_meant(officer, entries)
    reply = hold(officer, Prediction.objects.first())
    assert (reply.status_code, "does not wait" in words(reply)) == (409, True)


def test_an_outdated_prediction_takes_no_hold(officer, case, refer):
    refer()
    assert hold(officer, case).status_code == 409
    assert not Hold.objects.exists()


def test_a_claim_of_another_person_refuses_a_hold_and_a_withdrawal(officer, zoe, case):
    post(zoe, case, "claim")
    assert hold(officer, case).status_code == 409
    assert post(officer, case, "withdraw", reason="No longer wanted").status_code == 409


def test_a_decision_ends_the_hold(officer, case):
    hold(officer, case)
    verdict = "approved" if case.approved else "denied"
    post(officer, case, "decide", verdict=verdict, after="0")
    assert Hold.objects.get().ended_by == officer.user


def test_a_hold_goes_on_when_the_case_is_scored_again(officer, case, refer):
    hold(officer, case)
    assert "On hold until" in page(officer, refer())
    assert Referral.objects.get().held_until == date.fromisoformat(in_days(7))


def test_notes_are_kept_with_who_and_when(officer, zoe, case):
    assert post(officer, case, "note", text="Called the employer.").status_code == 303
    post(officer, case, "note", text="Called the employer.")  # a second click
    assert page(zoe, case).count("Called the employer.") >= 1
    assert ApplicationEvent.objects.get().by == officer.user


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
def test_a_note_has_1_to_2000_characters(officer, case, text):
    assert post(officer, case, "note", text=text).status_code == 422
    assert not ApplicationEvent.objects.exists()


def test_a_note_is_not_on_paper_and_not_in_the_export(officer, zoe, case):
    post(officer, case, "note", text="Secret words")
    for path in (f"/predictions/{case.pk}/explanation/", "/history.csv"):
        reply = zoe.get(path)
        sent = b"".join(reply.streaming_content) if reply.streaming else reply.content
        assert b"Secret words" not in sent


def test_a_withdrawal_ends_referral_claim_hold_and_proposal(officer, case):
    post(officer, case, "claim")
    hold(officer, case)
    proposed = {
        "kind": "decision",
        "prediction": case,
        "content": {},
        "by": officer.user,
        "at": timezone.now(),
    }
    Proposal.objects.create(**proposed)
    assert post(officer, case, "withdraw", reason="No longer wanted").status_code == 303
    assert not Referral.objects.exists()
    assert not Claim.objects.filter(ended_at=None).exists()
    assert Hold.objects.get().ended_by == officer.user
    assert Proposal.objects.get().answer == "outdated"


def test_a_withdrawal_needs_a_reason(officer, case):
    assert post(officer, case, "withdraw", reason="").status_code == 422
    assert Referral.objects.exists()


def test_a_withdrawn_application_can_be_scored_again(officer, case, refer):
    post(officer, case, "withdraw", reason="No longer wanted")
    refer()
    assert Referral.objects.count() == 1


def test_a_withdrawn_application_is_not_decided(officer, case):
    post(officer, case, "withdraw", reason="No longer wanted")
    reply = post(officer, case, "decide", verdict="approved" if case.approved else "denied", after="0")
    assert (reply.status_code, "This application is withdrawn" in words(reply)) == (409, True)
    assert not case.decisions.exists()


def test_a_withdrawn_application_says_who_withdrew_it_and_offers_no_decision(officer, zoe, case):
    post(zoe, case, "withdraw", reason="No longer wanted")
    reply = officer.get(f"/applications/{case.pk}/")
    when = r"\d+ \w+ \d{4}, \d\d:\d\d UTC"
    assert re.search(rf"Withdrawn by zoe , {when} : No longer wanted Score it again to decide", words(reply))
    assert not re.search(r"/(decide|withdraw)/\"", reply.content.decode())


def test_a_decided_application_is_not_withdrawn(officer, case):
    post(officer, case, "decide", verdict="approved" if case.approved else "denied", after="0")
    reply = post(officer, case, "withdraw", reason="Too late")
    assert (reply.status_code, "is not withdrawn" in words(reply)) == (409, True)


def test_an_assigned_officer_sees_and_decides_the_case_and_nothing_else_of_its_owner(
    zoe, case, refer, client_of
):
    other, second = client_of(Role.OFFICER, "ann"), refer("A2")
    assert other.get(f"/predictions/{case.pk}/").status_code == 404
    assert post(zoe, case, "assign", to="ann").status_code == 303
    assert other.get(f"/predictions/{case.pk}/").status_code == 200
    assert "A1" in words(other.get("/queue/"))
    assert other.get(f"/predictions/{second.pk}/").status_code == 404
    verdict = "approved" if case.approved else "denied"
    reply = post(other, case, "decide", verdict=verdict, after="0")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/queue/")
    assert other.get(f"/predictions/{case.pk}/").status_code == 404


def test_an_assignment_takes_the_case_from_its_holder(officer, zoe, case, client_of):
    client_of(Role.OFFICER, "ann")
    post(officer, case, "claim")
    post(zoe, case, "assign", to="ann")
    assert Claim.objects.get(ended_at=None).by.username == "ann"
    assert Claim.objects.exclude(ended_at=None).get().ended_by == zoe.user
    assert AuditRecord.objects.get(action="assignment").detail["to"] == "ann"


@pytest.mark.parametrize("to", ["", "nobody", "auditor"])
def test_a_case_is_assigned_only_to_who_may_decide(zoe, case, user_with, to):
    user_with(Role.AUDITOR)
    reply = post(zoe, case, "assign", to=to)
    assert (reply.status_code, Claim.objects.exists()) == (422, False)
