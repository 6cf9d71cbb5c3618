"""The page of an application: its newest prediction, at the number of its first."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from predictions.models import ApplicationEvent, Hold, Prediction, Proposal
from predictions.reading.applications import with_state
from predictions.reading.case_file import CaseFile
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.queue import claims
from predictions.tests.helpers.pages import score_meant, words
from predictions.words.times import site_date

WHY = {"code": "new_document", "note": "The bank statement shows the debt as paid."}
NOW = datetime.now(UTC)


@pytest.fixture
def officer(client_of, active_version):
    return client_of(Role.OFFICER)


@pytest.fixture
def score(officer, entries):
    def make(**changes):
        score_meant(officer, entries | changes)
        return Prediction.objects.first()

    return make


def test_an_application_is_shown_as_its_newest_prediction(officer, score):
    first, newest = score(), score(credit_history="0")
    page = officer.get(f"/applications/{first.pk}/").content.decode()
    assert f'action="/predictions/{newest.pk}/decide/"' in page
    assert "Outdated" not in words(page)


def test_the_id_of_a_later_prediction_leads_to_the_application(officer, score):
    first, newest = score(), score()
    reply = officer.get(f"/applications/{newest.pk}/")
    assert (reply.status_code, reply.headers["Location"]) == (302, f"/applications/{first.pk}/")


def test_every_address_of_an_application_names_one_page_as_the_one_to_keep(officer, score):
    first, newest = score(), score()
    canonical = f'<link rel="canonical" href="/applications/{first.pk}/">'
    addresses = [f"/applications/{first.pk}/", f"/predictions/{first.pk}/", f"/predictions/{newest.pk}/"]
    assert all(canonical in officer.get(address).content.decode() for address in addresses)


def test_what_is_done_on_a_later_prediction_leads_back_to_the_application(officer, score):
    first, newest = score(), score()
    sent = {"after": "0", "verdict": "approved" if newest.approved else "denied"}
    reply = officer.post(f"/predictions/{newest.pk}/decide/", sent)
    assert reply.headers["Location"] == f"/applications/{first.pk}/"


def test_the_history_marks_an_earlier_assessment_and_leads_to_it(officer, score):
    first, _ = score(), score()
    page = officer.get("/history/").content.decode()
    assert page.count(f'href="/applications/{first.pk}/"') == 2
    assert page.count(f'href="/predictions/{first.pk}/"') == 1


def test_a_number_that_is_no_applications_is_404(officer, score):
    assert officer.get(f"/applications/{score().pk + 1}/").status_code == 404


def state_of(prediction):
    return with_state(Prediction.objects.filter(pk=prediction.pk)).get().state


def event(prediction, by, kind, **facts):
    return ApplicationEvent.objects.create(prediction=prediction, by=by, kind=kind, at=NOW, **facts)


def hold(prediction, by, days):
    until = site_date(timezone.now()) + timedelta(days=days)
    return Hold.objects.create(prediction=prediction, by=by, until=until, asked="A credit report", at=NOW)


def propose(prediction, by, **facts):
    wanted = {"verdict": "approved", "note": "Good payer"}
    return Proposal.objects.create(
        kind="decision", prediction=prediction, content=wanted, limits=["amount"], by=by, at=NOW, **facts
    )


def test_an_application_has_one_state_wherever_it_is_asked_for(officer, score):
    case = score(credit_history="")
    assert state_of(case) == "waiting"
    held = hold(case, officer.user, 0)
    assert state_of(case) == "on_hold"
    Hold.objects.filter(pk=held.pk).update(until=held.until - timedelta(days=1))
    assert state_of(case) == "waiting"
    proposed = propose(case, officer.user)
    assert state_of(case) == "proposed"
    Proposal.objects.filter(pk=proposed.pk).update(answer="refused")
    decisions.decide(prediction=case, by=officer.user, verdict="denied", **WHY)
    assert state_of(case) == "decided"
    assert state_of(score(credit_history="1")) == "scored"


def test_a_withdrawn_application_that_is_scored_again_is_open_again(officer, score):
    case = score()
    event(case, officer.user, "withdrawn", text="The applicant called")
    assert state_of(case) == "withdrawn"
    newest = score()
    assert (state_of(case), state_of(newest)) == ("scored", "scored")


def test_the_activity_tells_every_change_with_who_when_and_why(officer, score, user_with):
    zoe, case = user_with(Role.REVIEWER, "zoe"), score(credit_history="")
    hold(case, officer.user, -1)
    event(case, zoe, "note", text="She calls on Monday", detail={"x": 1})
    propose(case, officer.user, answer="refused", answered_by=zoe, answered_at=NOW, answer_text="Too high")
    told = words(officer.get(f"/applications/{case.pk}/")).split(" Activity ")[-1]
    assert "The case came back from hold by itself" in told
    assert re.search(r"officer put the case on hold until .* Asked of the applicant: A credit report", told)
    assert re.search(r"zoe wrote a note .* Internal note: She calls on Monday", told)
    assert re.search(r"zoe refused the proposed decision .* Internal note: Too high", told)
    assert re.search(r"officer proposed to approve the application .* Internal note: Good payer", told)


def test_a_case_file_reads_what_was_stored_in_one_query(officer, score, django_assert_num_queries):
    case = score(credit_history="")
    event(case, officer.user, "values_changed", detail={"LoanAmount": [110, 90]})
    propose(case, officer.user)
    with django_assert_num_queries(1):
        file = CaseFile.of(case)
    assert file.events[0].detail == {"LoanAmount": [110, 90]}
    assert (file.proposal.content["verdict"], file.proposal.limits) == ("approved", ["amount"])


def strip_of(page):
    return words(page.content.decode().split('<dl class="strip"')[1].split("</dl>")[0])


def test_the_page_begins_with_the_facts_that_a_decision_turns_on(officer, score):
    strip = strip_of(officer.get(f"/applications/{score(credit_history='').pk}/"))
    for fact in ("Loan amount 110 thousand", "Term of the loan 360 months", "Instalment to income 5.3%"):
        assert fact in strip
    assert "Credit history not given" in strip


def test_the_head_names_the_state_and_who_holds_the_case(officer, score, user_with):
    case = score(credit_history="")
    claims.claim_case(prediction=case, by=officer.user)
    assert "Waiting for a decision You hold it" in words(officer.get(f"/applications/{case.pk}/"))
    decisions.decide(prediction=case, by=officer.user, verdict="denied", **WHY)
    page = officer.get(f"/applications/{case.pk}/").content.decode()
    assert '<span class="chip-plain chip-decided">Denied</span>' in page


def test_the_newest_page_names_earlier_decisions_and_never_says_that_nobody_decided(officer, score):
    case = score(credit_history="")
    decisions.decide(prediction=case, by=officer.user, verdict="denied", **WHY)
    score(credit_history="1")
    page = words(officer.get(f"/applications/{case.pk}/"))
    assert "Decided before it was scored again. This assessment is not decided." in page
    assert f"on prediction {case.pk}" in page
    assert "Not decided yet" not in page
