"""The refer queue: what waits, for how long, and who works on it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from predictions.models import Decision, Policy, Prediction, Referral
from predictions.roles import Role
from predictions.services.policies import policies
from predictions.services.queue import claims
from predictions.services.queue.bare_entries import complete_entries
from predictions.tests.helpers.pages import score_meant, words
from predictions.web.queue.pages import PAGE_SIZE

pytestmark = pytest.mark.usefixtures("active_version")


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


def listed(reply):
    return re.findall(r'class="loan-id">.*?<bdi>(.*?)</bdi>', reply.content.decode(), re.DOTALL)


def claim(client, case):
    return client.post(f"/predictions/{case.pk}/claim/")


def test_it_lists_what_waits_oldest_first_with_age_and_what_would_settle_it(officer, refer):
    case = refer("A1")
    refer("A2")
    Prediction.objects.filter(pk=case.pk).update(created_at=timezone.now() - timedelta(days=3, hours=2))
    Referral.objects.filter(pk=case.pk).update(since=timezone.now() - timedelta(days=3, hours=2))
    reply = officer.get("/queue/")
    assert listed(reply) == ["A1", "A2"]
    assert re.search(
        r"A1 3 days 110 thousand 360 months \d\d\.\d% \w+ Credit history Unassigned Claim", words(reply)
    )


def test_a_case_of_the_refer_band_is_settled_by_judgement(officer, entries):
    band = Policy(threshold=0.5, refer_low=0.2, refer_high=0.99)
    policies.adopt_policy(policy=band, replaces=Policy.objects.newest().pk, by=None, reason="A wide band")
    officer.post("/score/", entries)
    assert "Your judgement: the probability is close to the threshold" in words(officer.get("/queue/"))


def test_an_officer_sees_own_cases_and_a_reviewer_everybodys(refer, zoe, client_of):
    refer()
    assert listed(zoe.get("/queue/")) == ["A1"]
    assert listed(client_of(Role.OFFICER, "other").get("/queue/")) == []


def test_a_claim_leads_to_the_case_and_the_queue_says_who_holds_it(officer, refer, zoe):
    case = refer()
    reply = claim(zoe, case)
    assert (reply.status_code, reply.headers["Location"]) == (303, f"/applications/{case.pk}/")
    assert "Assigned to you" in words(zoe.get(reply.headers["Location"]))
    assert "Credit history zoe" in words(officer.get("/queue/"))


def test_a_claim_that_came_too_late_shows_who_was_quicker(officer, refer, zoe):
    case = refer()
    claim(zoe, case)
    reply = claim(officer, case)
    assert reply.status_code == 409
    assert "This case is assigned to zoe." in words(reply)


def test_filters_show_ones_own_or_what_nobody_holds(officer, refer):
    claim(officer, refer("A1"))
    refer("A2")
    assert listed(officer.get("/queue/?show=mine")) == ["A1"]
    assert listed(officer.get("/queue/?show=unclaimed")) == ["A2"]


def test_a_released_case_is_offered_again(officer, refer):
    case = refer()
    claim(officer, case)
    reply = officer.post(f"/predictions/{case.pk}/release/")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/queue/")
    assert listed(officer.get("/queue/?show=unclaimed")) == ["A1"]


def test_a_case_that_was_scored_again_keeps_its_place_and_the_line_says_what_came_of_it(
    officer, refer, entries
):
    refer("A1")
    refer("A2")
    score_meant(officer, entries | {"loan_id": "A1"})
    reply = officer.get("/queue/")
    assert listed(reply) == ["A1", "A2"]
    assert re.search(
        r"A1 under a minute 110 thousand 360 months (\d\d\.\d)% approve Scored again: \1%, model: approve",
        words(reply),
    )


def test_the_desk_counts_a_case_once_that_was_referred_twice(officer, refer):
    refer()
    refer()
    page = words(officer.get("/"))
    assert "1 case waits" in page
    assert re.search(r"Scored again: \d\d\.\d%, model: a person decides", page)


def test_who_held_a_case_holds_it_after_it_was_scored_again(officer, refer, zoe, entries):
    claim(zoe, refer())
    officer.post("/score/", entries | {"loan_id": "A1"})
    assert listed(zoe.get("/queue/?show=mine")) == ["A1"]
    assert listed(zoe.get("/queue/?show=unclaimed")) == []
    newest = Prediction.objects.first()
    assert "This case is assigned to zoe." in words(claim(officer, newest))
    zoe.post(f"/predictions/{newest.pk}/decide/", {"after": "0", "verdict": "approved"})
    assert listed(officer.get("/queue/")) == []


@pytest.fixture
def many(officer, refer):
    """More cases than a page holds, each of an applicant of its own."""
    refer()
    case = Prediction.objects.get()
    for number in range(PAGE_SIZE):
        case.pk, case.loan_id = None, f"B{number}"
        case.save()
        Referral.objects.create(prediction=case)
    complete_entries()
    claims.claim_case(prediction=Prediction.objects.first(), by=officer.user)


def test_pages_follow_each_other_by_key(officer, many):
    first = officer.get("/queue/")
    link = re.search(r'href="(\?&amp;show=all&amp;start=\d+)"', first.content.decode())[1].replace(
        "&amp;", "&"
    )
    found = listed(first) + listed(officer.get(f"/queue/{link}"))
    assert len(found) == len(set(found)) == PAGE_SIZE + 1


def test_it_costs_a_fixed_number_of_queries(zoe, many, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):  # one of them once a second
        zoe.get("/queue/")


@pytest.mark.parametrize("query", ["show=theirs", "start=x", "start=-1"])
def test_an_address_that_cannot_be_read_is_404(officer, query):
    assert officer.get(f"/queue/?{query}").status_code == 404


def test_an_empty_queue_says_when_a_case_comes_here(officer):
    assert "The queue is empty." in words(officer.get("/queue/"))


def test_views_filters_and_orders_narrow_the_list(officer, refer, entries):
    refer("A1")
    score_meant(officer, entries | {"loan_id": "A2", "credit_history": "", "loan_amount": "90"})
    assert listed(officer.get("/queue/?sort=smallest")) == ["A2", "A1"]
    assert listed(officer.get("/queue/?amount_min=100&cause=gap")) == ["A1"]
    assert listed(officer.get("/queue/?cause=remark")) == listed(officer.get("/queue/?from_batch=yes")) == []
    assert listed(officer.get("/queue/?show=due")) == listed(officer.get("/queue/?show=hold")) == []
    assert officer.get("/queue/?amount_min=x").status_code == 422


def test_work_through_claims_the_next_case_and_record_and_next_goes_on(officer, refer):
    first, second = refer("A1"), refer("A2")
    reply = officer.post("/queue/next/?sort=oldest")
    assert reply.headers["Location"] == f"/applications/{first.pk}/"
    verdict = "approved" if first.approved else "denied"
    values = {"verdict": verdict, "after": "0", "next": "1"}
    reply = officer.post(f"/predictions/{first.pk}/decide/", values, follow=True)
    assert reply.redirect_chain[-1][0] == f"/applications/{second.pk}/"
    assert listed(officer.get("/queue/?show=mine")) == ["A2"]


def test_work_through_stays_in_its_view(officer, refer):
    first, second = refer("A1"), refer("A2")
    claim(officer, second)
    reply = officer.post("/queue/next/?show=mine")
    assert reply.headers["Location"] == f"/applications/{second.pk}/"
    assert officer.post("/queue/next/?show=due").headers["Location"] == "/queue/?show=due"
    assert officer.post("/queue/next/?show=theirs").status_code == 404
    assert listed(officer.get("/queue/?show=unclaimed")) == [first.loan_id]


def test_views_keep_the_filters_and_record_and_next_ends_in_the_view_that_it_came_from(officer, refer):
    case = refer("A1")
    page = officer.get("/queue/?show=unclaimed&amount_min=50&sort=largest").content.decode()
    assert 'href="?amount_min=50&amp;sort=largest&amp;show=hold"' in page
    officer.post("/queue/next/?amount_min=50&show=unclaimed")
    entries = {"verdict": "approved" if case.approved else "denied", "after": "0", "next": "1"}
    reply = officer.post(f"/predictions/{case.pk}/decide/", entries, follow=True)
    assert reply.redirect_chain[-1][0] == "/queue/?amount_min=50&show=unclaimed"
    assert "No case is left that you could work on in this view." in words(reply)


def test_a_case_that_only_the_limit_refers_names_the_limit(officer, entries):
    Policy.objects.update(limit_amount=100.0)
    officer.post("/score/", entries)
    page = words(officer.get("/queue/"))
    assert "approve Your judgement: limit of the amount" in page
    assert "close to the threshold" not in page.partition("Waiting")[2]


def test_work_through_passes_by_what_a_second_person_must_confirm(officer, refer):
    Policy.objects.update(second_for_overrides=True)
    first, second = refer("A1"), refer("A2")
    why = {"code": "new_document", "note": "A bank statement shows the debt as paid."}
    against = {"verdict": "denied" if first.reaches_threshold else "approved", "after": "0", **why}
    assert officer.post(f"/predictions/{first.pk}/decide/", against).status_code == 303
    assert "To confirm 1" in words(officer.get("/queue/"))
    assert officer.post("/queue/next/").headers["Location"] == f"/applications/{second.pk}/"


def test_a_bulk_act_reports_what_failed_and_why(zoe, refer):
    cases = [refer("A1"), refer("A2")]
    selected = {"case": [case.pk for case in cases]}
    assert "2 done, 0 refused" in words(zoe.post("/queue/bulk/", selected | {"act": "assign", "to": "zoe"}))
    reply = words(zoe.post("/queue/bulk/", selected | {"act": "deny"}))
    assert cases[0].reaches_threshold is ("The model does not deny this case." in reply)
    done = zoe.post("/queue/bulk/", selected | {"act": "withdraw", "reason": "Double entry"})
    assert "done" in words(done)


@pytest.mark.parametrize("act", ["", "approve"])
def test_an_unknown_bulk_act_does_nothing(zoe, refer, act):
    case = refer()
    reply = zoe.post("/queue/bulk/", {"case": case.pk, "act": act, "code": "hidden_risk"})
    assert (reply.status_code, "Choose one of the acts." in words(reply)) == (422, True)
    assert Referral.objects.exists()


def test_the_desk_says_how_many_people_and_programs_entered(officer, refer):
    refer()
    assert "1 entered by hand, 0 by programs" in words(officer.get("/"))


def test_one_click_follows_the_advice_and_opens_the_next_case(officer, refer):
    first, second = refer("A1"), refer("A2")
    page = officer.get(f"/applications/{first.pk}/").content.decode()
    button = re.search(r'name="verdict" value="(\w+)" class="btn btn-quiet"\s+formaction="(.*?)"', page)
    reply = officer.post(button[2], {"verdict": button[1], "after": "0"}, follow=True)
    assert Decision.objects.get().prediction == first
    assert reply.redirect_chain[-1][0] == f"/applications/{second.pk}/"
