"""Deciding on the page of a case."""

import re

import pytest
from django.utils import timezone

from predictions.models import Decision, Policy, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.queue import claims
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.usefixtures("active_version")
NOTE = "A letter of 3 March\nshows the debt as paid."
AGAINST = {"verdict": "denied", "code": "new_document", "note": NOTE}


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def case(officer, entries):
    """An application that the model approves."""
    officer.post("/score/", entries)
    return Prediction.objects.get()


@pytest.fixture
def referred(officer, entries):
    officer.post("/score/", entries | {"credit_history": ""})
    return Prediction.objects.get()


def decide(client, case, **said):
    return client.post(f"/predictions/{case.pk}/decide/", {"after": "0"} | said)


def page_of(client, case):
    return client.get(f"/predictions/{case.pk}/")


def test_the_form_says_which_verdict_differs_from_the_advice(officer, case):
    page = words(page_of(officer, case))
    assert "Approve The model's advice Deny Against the model's advice: give a reason and a note" in page


def test_a_case_that_only_a_limit_refers_is_advised_by_its_probability(officer, entries):
    Policy.objects.create(threshold=0.5, limit_amount=100.0, reason="t", at=timezone.now())
    officer.post("/score/", entries)
    case = Prediction.objects.get()
    page = words(page_of(officer, case))
    follows, against = "Approve Follows the threshold, but the policy refers it", "Against the threshold"
    assert follows in page
    assert against in page
    assert "Deny and next" not in page
    assert decide(officer, case, verdict="denied").status_code == 422
    assert decide(officer, case, verdict="denied", code="other", note=NOTE).status_code == 303


def test_a_decision_leads_back_to_the_case_which_shows_it(officer, case):
    reply = decide(officer, case, verdict="approved")
    assert (reply.status_code, reply.headers["Location"]) == (303, f"/applications/{case.pk}/")
    page = words(page_of(officer, case))
    assert "You approved LP001015." in page
    assert re.search(r"Approved following the advice by officer ?, .* UTC", page)


def test_an_override_without_reason_and_note_is_refused_by_field_and_keeps_what_was_typed(officer, case):
    reply = decide(officer, case, verdict="denied", note="\x07odd")
    page = reply.content.decode()
    assert reply.status_code == 422
    assert "Against the model&#x27;s advice: choose a reason." in page
    assert "Lines of printable text are expected" in page
    assert 'id="id_denied" checked' in page
    assert "odd</textarea>" in page
    assert not Decision.objects.exists()


def test_no_verdict_at_all_is_refused(officer, case):
    assert "Choose Approve or Deny." in words(decide(officer, case))


def test_an_override_shows_its_reason_and_note(officer, case):
    assert decide(officer, case, **AGAINST).status_code == 303
    page = words(page_of(officer, case))
    assert "UTC New document Internal note A letter of 3 March shows" in page
    assert "Denied against the advice" in page


def test_deciding_again_shows_both_the_one_that_counts_first(officer, case):
    decide(officer, case, **AGAINST)
    decide(officer, case, verdict="approved", after=str(case.decisions.get().pk))
    page = words(page_of(officer, case))
    assert page.index("following the advice") < page.index("1 earlier decision") < page.index("against the")
    assert "Change the decision" in page


def test_a_decision_in_the_meantime_is_a_409_that_keeps_the_text_and_can_be_sent_again(
    officer, case, client_of
):
    decide(client_of(Role.REVIEWER, "zoe"), case, verdict="approved")
    reply = decide(officer, case, **AGAINST)
    page = reply.content.decode()
    assert reply.status_code == 409
    assert "zoe approved this application meanwhile." in words(reply)
    assert "shows the debt as paid.</textarea>" in page
    seen = re.search('name="after" value="(.*?)"', page)[1]
    assert decide(officer, case, **AGAINST | {"after": seen}).status_code == 303


def test_a_second_click_records_nothing_more_and_leads_to_the_case(officer, case):
    for _ in range(2):
        reply = decide(officer, case, **AGAINST)
        assert (reply.status_code, reply.headers["Location"]) == (303, f"/applications/{case.pk}/")
    assert Decision.objects.count() == 1


def test_who_saw_a_decision_may_decide_the_same_again(officer, case):
    decide(officer, case, **AGAINST)
    decide(officer, case, **AGAINST | {"after": str(Decision.objects.get().pk)})
    assert Decision.objects.count() == 2


def test_what_the_applicant_reads_and_what_is_internal_is_said_where_it_is_typed_and_shown(officer, case):
    page = words(page_of(officer, case))
    assert re.search(r"Internal note [^.]*For colleagues", page)
    assert "Words for the applicant A letter begins with them" in page
    decide(officer, case, **AGAINST | {"applicant_text": "You withdrew it."})
    assert "debt as paid. Words for the applicant You withdrew it." in words(page_of(officer, case))


def test_who_holds_a_case_is_named_and_others_get_no_form(officer, referred, user_with):
    claims.claim_case(prediction=referred, by=user_with(Role.REVIEWER, "zoe"))
    page = words(page_of(officer, referred))
    assert "Assigned to zoe" in page
    assert "Record decision" not in page
    assert "Release" not in page
    assert decide(officer, referred, **AGAINST).status_code == 409


def test_who_may_not_decide_reads_decisions_and_gets_no_form(officer, case, client_of):
    decide(officer, case, **AGAINST)
    page = words(page_of(client_of(Role.AUDITOR), case))
    assert "against the advice" in page
    assert "Change the decision" not in page


def test_what_people_wrote_is_escaped(officer, case):
    decide(officer, case, **AGAINST | {"note": "<script>x</script> in a note"})
    assert "<script>x" not in page_of(officer, case).content.decode()


def test_the_page_costs_a_fixed_number_of_queries(
    officer, referred, client_of, django_assert_max_num_queries
):
    for _ in range(3):
        decisions.decide(prediction=referred, by=officer.user, **AGAINST)
    reviewer = client_of(Role.REVIEWER)
    with django_assert_max_num_queries(9):  # one of them once a second
        page_of(reviewer, referred)
