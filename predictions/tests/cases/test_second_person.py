"""Decisions that one account proposes and another one confirms."""

import pytest
from django.db import IntegrityError, transaction

from predictions.errors import Conflict, InvalidFields, SecondPersonNeeded
from predictions.models import AuditRecord, Decision, DecisionCode, Policy, Prediction, Proposal, Referral
from predictions.roles import Role
from predictions.services import answers, proposals
from predictions.services.cases import codes, decisions
from predictions.services.cases.proposals import decide_or_propose
from predictions.services.policies import policies
from predictions.services.queue import claims
from predictions.tests.helpers.api import ApiClient

WHY = {"code": "new_document", "note": "A bank statement shows the debt as paid."}


def adopt(**numbers):
    policy = Policy(threshold=0.5, **numbers)
    replaces = Policy.objects.newest().pk
    return policies.adopt_policy(policy=policy, replaces=replaces, by=None, reason="t", second=None)


@pytest.fixture
def officer(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def zoe(user_with):
    return user_with(Role.REVIEWER, "zoe")


@pytest.fixture
def case(officer, application):
    """A referred case of 110 thousand, above the limit of 100."""
    adopt(limit_amount=100.0, second_for_overrides=True)
    pk = officer.post("/api/v1/predictions/", application | {"Credit_History": None}).json()["id"]
    return Prediction.objects.get(pk=pk)


def propose(case, by, verdict="approved", **more):
    return decide_or_propose(prediction=case, by=by, verdict=verdict, **(WHY | more))


def test_an_amount_above_the_limit_is_proposed_and_stays_in_the_queue(case, officer):
    proposal = propose(case, officer.user)
    assert (proposal.kind, proposal.limits[0]) == ("decision", "limit_amount")
    assert not Decision.objects.exists()
    assert Referral.objects.exists()
    assert AuditRecord.objects.get(action="decision proposal proposed").by == officer.user


def test_nobody_decides_above_the_limit_alone_whoever_asks(case, zoe):
    zoe.is_superuser = True
    with pytest.raises(SecondPersonNeeded):
        decisions.decide(prediction=case, by=zoe, verdict="approved", **WHY)


def test_a_denial_that_follows_the_advice_needs_no_second_person(officer, application):
    adopt(limit_amount=100.0, second_for_overrides=True)
    row = application | {"Credit_History": 0, "LoanAmount": 400}
    pk = officer.post("/api/v1/predictions/", row).json()["id"]
    made = decide_or_propose(prediction=Prediction.objects.get(pk=pk), by=officer.user, verdict="denied")
    assert made.confirmed_by is None


def test_an_amount_that_nobody_entered_may_be_above_the_limit(officer, application):
    adopt(limit_amount=100.0)
    pk = officer.post("/api/v1/predictions/", application | {"LoanAmount": None}).json()["id"]
    assert propose(Prediction.objects.get(pk=pk), officer.user).limits == ["limit_amount"]


def test_confirming_stores_the_decision_of_the_first_person_and_ends_the_waiting(case, officer, zoe):
    claims.claim_case(prediction=case, by=officer.user)
    decision = answers.confirm(proposal=propose(case, officer.user), by=zoe)
    assert (decision.by, decision.confirmed_by, decision.note) == (officer.user, zoe, WHY["note"])
    assert not Referral.objects.exists()
    assert not case.claims.filter(ended_at=None).exists()
    assert AuditRecord.objects.get(action="decision").detail["confirmed_by"] == zoe.pk


def test_nobody_confirms_or_refuses_an_own_proposal(case, zoe):
    proposal = propose(case, zoe)
    with pytest.raises(Conflict, match="Another account must confirm it"):
        answers.confirm(proposal=proposal, by=zoe)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(answer="confirmed", answered_by=zoe)
    facts = {"verdict": "approved", "override": False, "by": zoe, "confirmed_by": zoe, "at": proposal.at}
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(prediction=case, **facts)


def test_a_refusal_leaves_the_case_in_the_queue_with_its_reason(case, officer, zoe):
    proposals.refuse(proposal=propose(case, officer.user), by=zoe, text="The income is not proved.")
    refused = Proposal.objects.get()
    assert (refused.answer, refused.answer_text) == ("refused", "The income is not proved.")
    assert Referral.objects.exists()
    assert not Decision.objects.exists()


def test_whoever_proposed_it_takes_it_back_and_may_propose_again(case, officer):
    first = propose(case, officer.user)
    proposals.take_back(proposal=first, by=officer.user)
    assert propose(case, officer.user).pk != first.pk


def test_proposing_the_same_twice_is_one_proposal_and_another_one_is_refused(case, officer, zoe):
    first = propose(case, officer.user)
    assert propose(case, officer.user) == first
    with pytest.raises(Conflict, match="You proposed another decision"):
        propose(case, officer.user, note="Another note of mine.")
    with pytest.raises(Conflict, match="officer proposed a decision on this application"):
        propose(case, zoe)


def test_a_proposal_is_outdated_when_the_application_is_scored_again(case, officer, zoe, application):
    proposal = propose(case, officer.user)
    officer.post("/api/v1/predictions/", application)
    assert not Proposal.objects.to_confirm().exists()
    with pytest.raises(Conflict, match="was scored again"):
        answers.confirm(proposal=proposal, by=zoe)
    assert Proposal.objects.get().answer == "outdated"


def test_a_proposal_is_outdated_when_the_case_is_decided_otherwise(case, officer, zoe):
    Policy.objects.update(second_for_overrides=False)
    proposal = propose(case, officer.user)
    propose(case, zoe, "denied")
    assert Proposal.objects.get().answer == "outdated"
    with pytest.raises(Conflict, match="outdated by another change"):
        answers.confirm(proposal=proposal, by=zoe)
    assert Decision.objects.get().verdict == "denied"


def test_a_proposal_is_outdated_when_the_policy_asks_for_something_else(case, officer, zoe):
    proposal = propose(case, officer.user)
    adopt(limit_amount=50.0, second_for_overrides=True, refer_low=0.4, refer_high=0.6)
    Policy.objects.update(limit_amount=None)
    with pytest.raises(Conflict, match="The policy changed since this was proposed"):
        answers.confirm(proposal=proposal, by=zoe)
    assert (Proposal.objects.get().answer, Decision.objects.count()) == ("outdated", 0)


def test_of_two_answers_the_first_one_counts(case, officer, zoe, user_with):
    proposal = propose(case, officer.user)
    again = Proposal.objects.get()
    answers.confirm(proposal=proposal, by=zoe)
    with pytest.raises(Conflict, match="was confirmed meanwhile"):
        proposals.refuse(proposal=again, by=user_with(Role.ADMIN), text="Too late.")
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "answer",
    [answers.confirm, lambda proposal, by: proposals.refuse(proposal=proposal, by=by, text="Not proved.")],
)
def test_the_same_answer_of_the_same_person_is_given_once(case, officer, zoe, user_with, answer):
    proposal = propose(case, officer.user)
    again = Proposal.objects.get()
    assert answer(proposal=proposal, by=zoe) == answer(proposal=again, by=zoe)
    with pytest.raises(Conflict, match="Nothing was changed"):
        answer(proposal=again, by=user_with(Role.ADMIN))
    answered = ["decision proposal confirmed", "decision proposal refused"]
    assert AuditRecord.objects.filter(action__in=answered).count() == 1


def test_a_second_click_after_another_decision_repeats_nothing(case, officer, zoe):
    proposal = propose(case, officer.user)
    answers.confirm(proposal=proposal, by=zoe)
    decisions.decide(prediction=case, by=zoe, verdict="denied", **WHY)
    with pytest.raises(Conflict, match="was confirmed meanwhile"):
        answers.confirm(proposal=proposal, by=zoe)


def test_the_large_loan_with_an_empty_word_cannot_be_brought_about(officer, application):
    adopt(limit_amount=500.0, second_for_overrides=True)
    row = application | {"ApplicantIncome": 1500, "LoanAmount": 700}
    address = f"/api/v1/predictions/{officer.post('/api/v1/predictions/', row).json()['id']}/decisions/"
    refused = officer.post(address, {"verdict": "approved", "code": "other", "note": "because"})
    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "note")
    proposed = officer.post(address, {"verdict": "approved", "code": "other", "note": "He paid before."})
    assert (proposed.status_code, proposed.json()["limits"]) == (
        202,
        ["limit_amount", "second_for_overrides"],
    )
    assert not Decision.objects.exists()


def test_the_same_by_api_alone(case, officer, zoe):
    address = f"/api/v1/predictions/{case.pk}/decisions/"
    proposal = officer.post(address, {"verdict": "approved", **WHY}).json()
    assert officer.post(f"/api/v1/proposals/{proposal['id']}/confirm/", "").status_code == 403
    reviewer = ApiClient(zoe)
    assert reviewer.post(f"/api/v1/proposals/{proposal['id']}/confirm/", "").status_code == 200
    [decision] = reviewer.get(address).json()["results"]
    assert (decision["by"], decision["confirmed_by"]) == ("officer", "zoe")


def test_a_decision_after_another_one_that_the_caller_did_not_see_is_a_409(case, officer, zoe):
    Policy.objects.update(second_for_overrides=False, limit_amount=None)
    decisions.decide(prediction=case, by=zoe, verdict="denied", **WHY)
    wish = {"verdict": "approved", "after": 0, **WHY}
    assert officer.post(f"/api/v1/predictions/{case.pk}/decisions/", wish).status_code == 409
    refused = officer.post(f"/api/v1/predictions/{case.pk}/decisions/", wish | {"after": "x"})
    assert refused.json()["errors"][0]["attr"] == "after"


def test_a_code_that_was_retired_meanwhile_makes_the_proposal_outdated(case, officer, zoe):
    proposal = propose(case, officer.user)
    codes.retire_code(code=DecisionCode.objects.get(name="new_document"), by=zoe)
    with pytest.raises(Conflict, match="no longer possible as it was proposed"):
        answers.confirm(proposal=proposal, by=zoe)


def test_an_invalid_decision_is_no_proposal(case, officer):
    with pytest.raises(InvalidFields):
        propose(case, officer.user, "maybe")
    assert not Proposal.objects.exists()
