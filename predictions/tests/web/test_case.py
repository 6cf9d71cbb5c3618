"""The case page: why, under which policy, what would change it, and who did what."""

import re
import shutil

import pytest
from django.utils import timezone

from predictions.live.process_state import reset_process_state
from predictions.models import Explanation, Notice, Policy, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.policies import policies
from predictions.services.queue import claims
from predictions.services.versions import registry
from predictions.tests.helpers.pages import score_meant, words

WHY = {"code": "new_document", "note": "The bank statement shows the debt as paid."}


@pytest.fixture
def officer(client_of, active_version):
    return client_of(Role.OFFICER)


@pytest.fixture
def zoe(user_with):
    return user_with(Role.REVIEWER, "zoe")


@pytest.fixture
def score(officer, entries):
    """Score the application with some entries changed."""

    def make(**changes):
        score_meant(officer, entries | changes)
        return Prediction.objects.first()

    return make


@pytest.fixture
def page_of(officer):
    """Return the words of a case's page."""
    return lambda prediction: words(officer.get(f"/predictions/{prediction.pk}/").content.decode())


@pytest.fixture
def other_version(artefacts, trained):
    return registry.register(trained=trained, by=None)


def adopt(**numbers):
    newest = Policy.objects.newest()
    return policies.adopt_policy(
        policy=Policy(**numbers), replaces=newest.pk, by=None, reason="Losses of autumn"
    )


def test_the_refer_band_is_drawn_and_told(officer, score):
    adopt(threshold=0.5, refer_low=0.4, refer_high=0.95)
    page = officer.get(f"/predictions/{score().pk}/").content.decode()
    assert 'scale-band" x="40.00%" y="2" width="55.00%"' in page
    assert "The probability is in the refer band" in words(page)
    assert "refer band 40% to 95%, threshold 50%, model: a person decides." in page


def test_a_case_keeps_the_policy_it_was_held_to(score, page_of):
    case = score()
    new = adopt(threshold=0.99, refer_low=0.98, refer_high=0.995)
    page = page_of(case)
    assert "at or above the threshold of 50%" in page
    assert "refer band 98" not in page
    assert re.search(rf"Policy {case.policy_id} was in force until {new.at:%-d %b %Y}", page)


def test_a_case_of_an_old_version_shows_what_that_version_said(score, page_of, other_version):
    case = score(credit_history="0")
    registry.activate(version_id=other_version.pk, by=None, reason="newer")
    reset_process_state()
    page = page_of(case)
    assert f"scored with version {case.model_version_id} (active now: {other_version.pk})" in page
    assert all(reason["text"] in page for reason in case.reasons)


def test_a_missing_value_that_could_flip_names_the_document_that_settles_it(score, page_of):
    page = page_of(score(credit_history=""))
    assert "A missing value could change the outcome: Credit history." in page
    assert "Ask for a credit report (Credit history)." in page
    assert re.search(r"with it, the probability would be \d+% to \d+%; it could change", page)


def test_a_missing_value_that_cannot_flip_is_said_to_leave_the_outcome(score, page_of):
    page = page_of(score(loan_amount_term=""))
    assert re.search("Term of the loan:.*?no value of it would change the outcome", page)


def test_a_case_from_before_gaps_were_worked_out_claims_nothing_of_them(score, page_of):
    prediction = score(loan_amount_term="")
    Explanation.objects.update(gaps=None)
    assert "its effect was not calculated when this was scored" in page_of(prediction)


def test_the_smallest_change_is_told_and_leads_where_it_says(officer, score, page_of, entries):
    adopt(threshold=0.75)
    change = re.search(
        r"a loan amount of at most (\d+) thousand \(now 300 thousand\) the model would (\w+) \(\d+%\)",
        page_of(score(loan_amount="300")),
    )
    assert change[2] == "approve"
    assert score(loan_amount=change[1]).outcome == "approved"
    assert score(loan_amount=str(int(change[1]) + 1)).outcome == "denied"


def test_when_no_single_change_flips_the_page_says_so(score, page_of):
    page = page_of(score(credit_history="0", loan_amount="320"))
    assert "No single change of co-applicant's income, loan amount or term of the loan" in page


def test_earlier_predictions_are_listed_with_what_changed(score, page_of):
    first = score(loan_amount="110")
    score(loan_amount="", credit_history="0")
    page = page_of(first)
    assert "Loan amount: 110 thousand → unknown" in page
    assert "Credit history: Meets the guidelines → Does not meet the guidelines" in page
    assert "this prediction" in page


@pytest.mark.slow
def test_many_predictions_of_one_loan_id_are_cut_with_a_way_to_all(officer, score):
    cases = [score(loan_amount=str(amount)) for amount in range(100, 113)]
    page = officer.get(f"/predictions/{cases[0].pk}/").content.decode()
    assert 'href="/history/?loan_id=LP001015"' in page
    assert page.count(">Prediction ") == 10
    assert "Predictions in between are not shown." in page


def test_a_loan_id_of_somebody_else_is_another_application(score, page_of, client_of, entries):
    case = score()
    client_of(Role.OFFICER, "stranger").post("/score/", entries | {"loan_amount": "99"})
    assert "This is the only prediction" in page_of(case)


def test_the_timeline_tells_who_did_what_newest_first(score, page_of, zoe):
    case = score(credit_history="")
    claims.claim_case(prediction=case, by=zoe)
    claims.release_case(prediction=case, by=zoe)
    claims.claim_case(prediction=case, by=zoe)
    decisions.decide(prediction=case, by=zoe, verdict="denied" if case.approved else "approved", **WHY)
    Notice.objects.create(prediction=case, text="Dear", by=zoe, at=timezone.now())
    Notice.objects.create(prediction=case, text="Dear Ann", by=zoe, at=timezone.now())
    timeline = page_of(case).split(" Activity ")[-1]
    events = re.findall(r"(?:zoe|officer) (\w+) (?:the)", timeline)
    assert events == [
        "edited",
        "wrote",
        "denied" if case.approved else "approved",
        "claimed",
        "released",
        "claimed",
        "scored",
    ]
    assert "against the advice" in timeline
    assert f"New document Internal note: {WHY['note']}" in timeline


def test_the_page_costs_at_most_8_queries_whatever_the_size(
    officer, score, zoe, django_assert_max_num_queries
):
    case = [score(loan_amount=str(amount)) for amount in range(100, 115)][-1]
    for number in range(5):
        decisions.decide(prediction=case, by=zoe, verdict="denied", **WHY | {"note": f"Looked at {number}"})
        Notice.objects.create(prediction=case, text="Dear", by=zoe, at=timezone.now())
    with django_assert_max_num_queries(8):  # one of them once a second
        officer.get(f"/predictions/{case.pk}/")


@pytest.fixture
def unreadable(score, settings):
    """A case whose version's artefact was lost, and its copy as well."""
    case = score()
    case.model_version.artefact_files.all().delete()
    shutil.rmtree(settings.ARTEFACTS)
    reset_process_state()
    return case


def test_a_case_of_a_lost_version_still_has_a_page(unreadable, page_of):
    page = page_of(unreadable)
    assert "Approval probability" in page
    assert "the model version of this case cannot be loaded" in page
    assert "What-if is not available." in page


def test_trying_values_of_a_lost_version_is_unavailable(unreadable, officer, entries):
    assert officer.post(f"/predictions/{unreadable.pk}/what-if/", entries).status_code == 503
