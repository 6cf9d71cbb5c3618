"""Other terms and the second person on pages."""

import re

import pytest

from predictions.models import Decision, Policy, Prediction, Proposal
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.usefixtures("active_version")
WHY = {"code": "new_document", "note": "A bank statement shows the debt as paid."}


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def zoe(client_of):
    return client_of(Role.REVIEWER, "zoe")


@pytest.fixture
def case(officer, entries):
    """An application that the model denies for its amount, and whose overrides need a second person."""
    Policy.objects.update(second_for_overrides=True)
    officer.post("/score/", entries | {"applicant_income": "2000", "loan_amount": "400"})
    return Prediction.objects.get()


def decide(client, case, **said):
    return client.post(f"/predictions/{case.pk}/decide/", {"after": "0"} | said)


def page_of(client, case):
    return words(client.get(f"/applications/{case.pk}/"))


def propose(officer, case):
    decide(officer, case, verdict="approved", **WHY)
    return Proposal.objects.get()


def answer(client, proposal, answer, **more):
    return client.post(f"/proposals/{proposal.pk}/decision/", {"answer": answer} | more)


def amount_that_could_be(page):
    return re.search(r"Up to ([\d,.]+) thousand the model would approve \((\d+)%\)", page)[1]


def test_the_page_says_how_much_it_could_be_and_that_amount_can_be_approved(officer, case):
    amount = amount_that_could_be(page_of(officer, case))
    assert decide(officer, case, verdict="other_terms", amount=amount).status_code == 303
    assert f"Approved loan amount {amount} thousand (model: " in page_of(officer, case)
    assert Decision.objects.get().override is False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({}, "Enter the amount or the term that you approve."),
        ({"amount": "much"}, "'much' is not a number"),
        ({"amount": "400"}, "These are the terms that were asked for."),
    ],
)
def test_unclear_terms_are_refused_at_their_field(officer, case, said, fault):
    reply = decide(officer, case, verdict="other_terms", **said)
    assert reply.status_code == 422
    assert fault in words(reply)
    assert 'id="id_other_terms" checked' in reply.content.decode()


def test_a_proposal_says_what_happens_next(officer, case):
    reply = decide(officer, case, verdict="approved", **WHY)
    assert reply.status_code == 303
    page = page_of(officer, case)
    assert "You proposed a decision on LP001015. Another person must confirm it." in page
    assert "officer proposes to approve" in page
    assert "it is against the model's advice" in page
    assert "No other account may confirm this." in page
    assert "Take back" in page


def test_a_reviewer_finds_the_proposal_and_confirms_it(officer, case, zoe):
    proposal = propose(officer, case)
    assert "LP001015 officer proposes to approve" in words(zoe.get("/proposals/"))
    assert "Reason to refuse it" in page_of(zoe, case)
    assert answer(zoe, proposal, "confirm").status_code == 303
    assert re.search(r"Approved against the advice by officer ?, confirmed by zoe ?,", page_of(zoe, case))
    assert "Nothing to confirm." in words(zoe.get("/proposals/"))


def test_a_second_click_on_an_answer_shows_the_page_of_the_first(officer, case, zoe):
    proposal = propose(officer, case)
    for _ in range(2):
        assert answer(zoe, proposal, "confirm").headers["Location"] == f"/applications/{case.pk}/"
    assert Decision.objects.count() == 1


def test_a_refusal_needs_a_reason_which_the_activity_shows(officer, case, zoe):
    proposal = propose(officer, case)
    assert answer(zoe, proposal, "refuse").status_code == 422
    assert answer(zoe, proposal, "refuse", text="The income is not proved.").status_code == 303
    page = page_of(officer, case)
    assert "refused the proposed decision" in page
    assert "The income is not proved." in page


def test_an_officer_takes_back_and_does_not_confirm(officer, case, client_of):
    proposal = propose(officer, case)
    assert answer(officer, proposal, "confirm").status_code == 403
    assert answer(client_of(Role.OFFICER, "bob"), proposal, "take_back").status_code == 404
    assert answer(officer, proposal, "take_back").status_code == 303


def test_an_own_proposal_cannot_be_confirmed_by_an_admin_either(case, client_of):
    admin = client_of(Role.ADMIN)
    proposal = propose(admin, case)
    reply = answer(admin, proposal, "confirm")
    assert reply.status_code == 409
    assert "Another account must confirm it." in words(reply)


def test_a_proposal_on_an_outdated_prediction_leads_to_the_newest(officer, case, zoe, application):
    proposal = propose(officer, case)
    ApiClient(officer.user).post("/api/v1/predictions/", application)
    reply = answer(zoe, proposal, "confirm")
    assert reply.status_code == 409
    assert "was scored again" in words(reply)
    assert not Decision.objects.exists()
