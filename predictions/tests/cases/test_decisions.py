"""Decisions beside the advice, and the refer queue."""

import pytest

from predictions.errors import Conflict, InvalidFields
from predictions.models import AuditRecord, Decision, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.queue import claims
from predictions.tests.helpers.api import ApiClient

WHY = {"code": "new_document", "note": "A bank statement shows the debt as paid."}


@pytest.fixture
def officer(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def zoe(user_with):
    return user_with(Role.REVIEWER, "zoe")


@pytest.fixture
def approved(officer, application):
    return scored(officer, application)


@pytest.fixture
def referred(officer, application):
    return scored(officer, application | {"Credit_History": None})


def scored(officer, row):
    return Prediction.objects.get(pk=officer.post("/api/v1/predictions/", row).json()["id"])


def decide(prediction, by, verdict="approved", **more):
    return decisions.decide(prediction=prediction, by=by, verdict=verdict, **more)


def test_agreeing_with_the_advice_needs_no_words(approved, zoe):
    assert not decide(approved, zoe).override


@pytest.mark.parametrize(
    ("words", "field"),
    [({"note": WHY["note"]}, "code"), ({"code": "other"}, "note"), (WHY | {"code": "mood"}, "code"),
     ({"code": "other", "note": " \n "}, "note"), ({"code": "other", "note": "a\0b"}, "note"),
     (WHY | {"note": "because"}, "note"), (WHY | {"note": "x y"}, "note"),
     (WHY | {"note": "x" * 20}, "note")],
)  # fmt: skip
def test_deciding_against_the_advice_needs_a_known_code_and_a_note(approved, zoe, words, field):
    with pytest.raises(InvalidFields) as refused:
        decide(approved, zoe, "denied", **words)
    assert list(refused.value.faults) == [field]
    assert not Decision.objects.exists()


def test_the_advice_of_a_referred_case_is_what_its_threshold_says(referred, zoe):
    against = "denied" if referred.approved else "approved"
    assert decide(referred, zoe, against, **WHY).override


def test_a_further_decision_replaces_the_first_and_both_stay(approved, zoe):
    first = decide(approved, zoe, "denied", **WHY)
    second = decide(approved, zoe, after=first.pk)
    assert list(Decision.objects.latest_of_each()) == [second]
    assert list(approved.decisions.all()) == [second, first]


def test_a_decision_that_overlooked_another_one_is_refused(approved, zoe, officer):
    decide(approved, zoe)
    with pytest.raises(Conflict, match="zoe approved this application"):
        decide(approved, officer.user, after=0)


def test_a_decision_leaves_the_prediction_as_it_was_and_is_on_record(approved, zoe):
    before = Prediction.objects.values().get()
    decide(approved, zoe, "denied", **WHY)
    assert Prediction.objects.values().get() == before
    assert AuditRecord.objects.get(action="decision").detail["override"] is True


def test_a_referred_case_waits_until_it_is_decided(referred, zoe):
    assert list(Prediction.objects.waiting()) == [referred]
    decide(referred, zoe, "approved" if referred.approved else "denied")
    assert list(Prediction.objects.waiting()) == []


def test_only_who_claimed_a_case_decides_it(referred, zoe, officer):
    claims.claim_case(prediction=referred, by=zoe)
    with pytest.raises(Conflict, match="This case is assigned to zoe"):
        decide(referred, officer.user, **WHY)
    decide(referred, zoe, **WHY)
    assert referred.claims.get().ended_by == zoe


def test_a_claimed_case_cannot_be_claimed_by_another(referred, zoe, officer):
    claims.claim_case(prediction=referred, by=zoe)
    assert claims.claim_case(prediction=referred, by=zoe) == referred.claims.get()
    with pytest.raises(Conflict, match="zoe"):
        claims.claim_case(prediction=referred, by=officer.user)


def test_a_released_case_is_anybodys(referred, zoe, officer):
    claims.claim_case(prediction=referred, by=zoe)
    claims.release_case(prediction=referred, by=zoe)
    assert claims.claim_case(prediction=referred, by=officer.user).by == officer.user


def test_a_reviewer_gives_back_what_another_holds_and_an_officer_does_not(referred, zoe, officer):
    claims.claim_case(prediction=referred, by=zoe)
    with pytest.raises(Conflict):
        claims.release_case(prediction=referred, by=officer.user)
    claims.release_case(prediction=referred, by=zoe)
    claims.claim_case(prediction=referred, by=officer.user)
    claims.release_case(prediction=referred, by=zoe)
    assert list(referred.claims.filter(ended_at=None)) == []


def test_a_case_that_does_not_wait_cannot_be_claimed(approved, zoe):
    with pytest.raises(Conflict, match="does not wait"):
        claims.claim_case(prediction=approved, by=zoe)
