"""An application that is scored again: its newest prediction is worked on, the ones before are read-only."""

import html
import re
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from predictions.errors import OutdatedPrediction
from predictions.models import Claim, Decision, Notice, Prediction, Referral
from predictions.roles import Role
from predictions.services.cases import decisions, notices
from predictions.services.queue import claims
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import finished, table
from predictions.tests.helpers.pages import score_meant, words

URL = "/api/v1/predictions/"
LOAN_ID = "LP001015"
WHY = {"code": "new_document", "note": "A bank statement shows the debt as paid."}


@pytest.fixture
def officer(client_of, active_version):
    return client_of(Role.OFFICER)


@pytest.fixture
def api(officer):
    return ApiClient(officer.user)


@pytest.fixture
def zoe(client_of):
    return client_of(Role.REVIEWER, "zoe")


@pytest.fixture
def score(api, application):
    def make(**changes):
        return Prediction.objects.get(pk=api.post(URL, application | changes).json()["id"])

    return make


@pytest.fixture
def referred(score):
    return score(Credit_History=None)


@pytest.fixture
def denied(score, officer):
    """A prediction that a person denied, with a letter, and that is outdated now."""
    case = score(Credit_History=0, LoanAmount=400)
    decisions.decide(prediction=case, by=officer.user, verdict="denied")
    notices.save_notice(prediction=case, by=officer.user, text="Dear Ms Lee", after=0)
    score()
    return case


def page_of(client, prediction, part=""):
    return client.get(f"/predictions/{prediction.pk}/{part}")


@pytest.mark.parametrize("door", ["form", "object", "array", "article", "batch"])
def test_a_waiting_case_waits_on_as_its_newest_prediction_whatever_door_it_comes_in_by(
    referred, officer, api, application, entries, door
):
    claims.claim_case(prediction=referred, by=officer.user)
    rows = [application | {"Loan_ID": f"B{number}"} for number in range(30)]
    {
        "form": lambda: score_meant(officer, entries),
        "object": lambda: api.post(URL, application),
        "array": lambda: api.post(URL, [*rows, application]),
        "article": lambda: api.post("/predict", [application, application]),
        "batch": lambda: finished(api, table(LOAN_ID, *(row["Loan_ID"] for row in rows))),
    }[door]()
    newest = Prediction.objects.filter(loan_id=LOAN_ID).first()
    assert (newest.outcome, list(Prediction.objects.waiting())) == ("approved", [newest])
    assert "You Decide" in words(officer.get("/queue/?show=mine"))


def test_an_outdated_prediction_says_so_with_a_link_and_offers_nothing_to_do(referred, score, officer):
    newest = score()
    reply = page_of(officer, referred)
    page = reply.content.decode()
    assert "Outdated: this application was scored again." in words(reply)
    assert re.search(r"Open the newest prediction, \d+ : Model: approve \d\d\.\d%", words(reply))
    assert f'<a href="/applications/{referred.pk}/">Open the newest prediction, {newest.pk}</a>' in page
    for address in ("decide", "claim", "release"):
        assert f"/{address}/" not in page


@pytest.mark.slow
@pytest.mark.parametrize("address", ["decide", "claim", "release", "notice"])
def test_what_is_sent_for_an_outdated_prediction_is_refused(denied, score, officer, address):
    sent = {"after": "0", "verdict": "approved", "text": "Another letter"}
    reply = officer.post(f"/predictions/{denied.pk}/{address}/", sent)
    assert (reply.status_code, "is outdated" in words(reply)) == (409, True)
    counted = [model.objects.count() for model in (Decision, Claim, Notice)]
    assert counted == [1, 0, 1]


def test_a_decision_that_came_too_late_stands_in_the_form_of_the_newest_prediction(referred, score, officer):
    newest = score()
    reply = officer.post(f"/predictions/{referred.pk}/decide/", {"after": "0", "verdict": "denied"} | WHY)
    page = html.unescape(reply.content.decode())
    assert f'action="/predictions/{newest.pk}/decide/"' in page
    assert f"{WHY['note']}</textarea>" in page


def test_the_letter_of_an_outdated_prediction_is_read_and_what_was_typed_too_late_is_shown(denied, officer):
    reply = page_of(officer, denied, "notice/")
    assert "Dear Ms Lee" in words(reply)
    assert "<textarea" not in reply.content.decode()
    late = officer.post(f"/predictions/{denied.pk}/notice/", {"after": "0", "text": "Dear Mr Poe"})
    assert "Your text was not saved. Copy what you need. Dear Mr Poe" in words(late)
    for part in ("notice/print/", "explanation/"):
        assert "Outdated: the application was scored again as" in words(page_of(officer, denied, part))


def test_the_newest_page_shows_decisions_on_earlier_predictions(denied, officer):
    page = words(page_of(officer, Prediction.objects.first()))
    assert "Not decided since it was scored again." in page
    assert "This assessment is not decided. What was said Denied following the advice by officer" in page


def test_both_timelines_say_that_a_waiting_case_was_scored_again(referred, score, officer, zoe):
    claims.claim_case(prediction=referred, by=zoe.user)
    newest = score()
    for prediction in (referred, newest):
        timeline = words(page_of(officer, prediction)).split(" Activity ")[-1]
        assert re.search(
            r"scored it again \(API\): \d\d\.\d%, model: approve; still waits for a decision", timeline
        )
        assert "zoe claimed the case" in timeline
    assert "and scored again later. It stays in the queue until" in words(page_of(officer, newest))


def test_a_case_waits_until_its_newest_prediction_is_decided(referred, score, officer):
    newest = score()
    with pytest.raises(OutdatedPrediction):
        decisions.decide(prediction=referred, by=officer.user, verdict="denied", **WHY)
    decisions.decide(prediction=newest, by=officer.user, verdict="approved")
    assert list(Prediction.objects.waiting()) == list(Referral.objects.all()) == []
    assert "still waits for a decision" in words(page_of(officer, newest))
    assert "Queue" in words(officer.get("/queue/"))


def test_a_decided_case_that_is_scored_again_does_not_wait(referred, score, officer):
    decisions.decide(prediction=referred, by=officer.user, verdict="denied", **WHY)
    assert "still waits for a decision" not in words(page_of(officer, score()))
    assert list(Prediction.objects.waiting()) == []


def test_nobody_claims_an_application_whose_earlier_prediction_somebody_holds(referred, score, officer, zoe):
    claims.claim_case(prediction=referred, by=zoe.user)
    newest = score(Credit_History=None)
    reply = officer.post(f"/predictions/{newest.pk}/claim/")
    assert (reply.status_code, "This case is assigned to zoe." in words(reply)) == (409, True)
    assert zoe.post(f"/predictions/{newest.pk}/claim/").status_code == 303
    assert Claim.objects.count() == 1


def test_the_update_ends_referrals_and_claims_that_a_newer_prediction_was_decided_after(score, officer, zoe):
    """As the version before left them."""
    for loan_id in ("OPEN", "DECIDED"):
        case = score(Loan_ID=loan_id, Credit_History=None)
        Claim.objects.create(prediction=case, by=zoe.user, at=timezone.now())
        newest = score(Loan_ID=loan_id)
    facts = {"prediction": newest, "override": False, "by": officer.user, "at": timezone.now()}
    Decision.objects.create(verdict="approved", **facts)
    update = import_module("predictions.migrations.0026_what_belongs_to_applications")
    update.end_what_was_decided(apps, None)
    assert [waiting.loan_id for waiting in Prediction.objects.waiting()] == ["OPEN"]
    assert Claim.objects.get(prediction__loan_id="DECIDED").ended_by == officer.user
    assert Claim.objects.get(prediction__loan_id="OPEN").ended_at is None
