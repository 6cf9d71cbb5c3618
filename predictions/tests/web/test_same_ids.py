"""Applications of one Loan_ID that several officers have, from before: merged, or kept apart."""

import unicodedata

import pytest
from django.utils import timezone

from predictions.models import ApplicationEvent, AuditRecord, Claim, Hold, Prediction, Proposal, Referral
from predictions.reading.applications import ApplicationState, with_state
from predictions.roles import Role
from predictions.services.cases import holds
from predictions.services.queue import claims
from predictions.services.queue.shared_ids import keep_shared_ids
from predictions.services.scoring.kept_counts import SETTLED
from predictions.services.scoring.rankings import rank_predictions
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import words

URL, V1 = "/queue/same-ids/", "/api/v1/predictions/"
pytestmark = pytest.mark.usefixtures("active_version")


@pytest.fixture
def people(user_with):
    return [user_with(Role.OFFICER, name) for name in ("ann", "bob")]


@pytest.fixture
def zoe(client_of):
    return client_of(Role.REVIEWER, "zoe")


@pytest.fixture
def pair(people, application):
    """The waiting applications of two officers, whose Loan_ID is one."""
    for person in people:
        row = application | {"Loan_ID": person.username, "Credit_History": None}
        ApiClient(person).post(V1, row)
    Prediction.objects.update(loan_id="A1")
    Referral.objects.update(loan_id="A1")
    return Prediction.objects.order_by("pk")


def send(client, act, *shown, reason="One applicant, entered twice"):
    entries = {"act": act, "shown": [one.pk for one in shown], "reason": reason}
    return client.post(URL, entries | {"prediction": shown[0].pk, "into": shown[1].pk})


def state(prediction):
    return with_state(Prediction.objects.filter(pk=prediction.pk)).get().state


def test_the_page_lists_ids_with_several_applications_and_the_queue_leads_there(zoe, pair):
    page = words(zoe.get(URL))
    for shown in ("A1 Application", "ann", "bob", "Waiting for a decision"):
        assert shown in page
    assert URL in zoe.get("/queue/").content.decode()


def test_each_spelling_is_the_same_id(zoe, pair):
    for form, one in zip(("NFC", "NFD"), pair, strict=True):
        Prediction.objects.filter(pk=one.pk).update(loan_id=unicodedata.normalize(form, "Zoë-1"))
    assert "Zoë-1" in words(zoe.get(URL))
    assert send(zoe, "merge", *pair).status_code == 303
    assert "Nothing to merge." in words(zoe.get(URL))


def test_the_application_of_an_api_client_is_none_of_them(zoe, pair):
    pair[0].owner.groups.clear()
    assert "Nothing to merge." in words(zoe.get(URL))


def test_a_merger_ends_the_work_and_leaves_the_list(zoe, pair):
    ann, bob = pair
    claims.claim_case(prediction=ann, by=ann.owner)
    holds.put_on_hold(prediction=ann, by=ann.owner, asked="Payslips", until=holds.site_date(ann.created_at))
    assert send(zoe, "merge", ann, bob).status_code == 303
    assert (state(ann), state(bob)) == (ApplicationState.MERGED, ApplicationState.WAITING)
    assert Referral.objects.get().prediction_id == bob.pk
    assert Claim.objects.get().ended_by == Hold.objects.get().ended_by == zoe.user
    assert "Nothing to merge." in words(zoe.get(URL))


def test_a_merger_is_an_event_with_the_reason_and_an_audit_record(zoe, pair):
    ann, bob = pair
    send(zoe, "merge", ann, bob)
    event = ApplicationEvent.objects.get(kind="merged")
    assert (event.prediction_id, event.detail) == (ann.pk, {"into": bob.pk})
    assert (event.text, event.by) == ("One applicant, entered twice", zoe.user)
    assert AuditRecord.objects.filter(action="merge", by=zoe.user).exists()


def test_an_open_proposal_becomes_outdated(zoe, pair):
    ann, bob = pair
    facts = {"product_id": 1, "kind": "decision", "content": {"verdict": "denied"}, "by": ann.owner}
    Proposal.objects.create(prediction=ann, at=ann.created_at, **facts)
    send(zoe, "merge", ann, bob)
    assert Proposal.objects.get().answer == Proposal.Answer.OUTDATED


def test_both_pages_name_the_other_application(zoe, pair):
    ann, bob = pair
    send(zoe, "merge", ann, bob)
    merged, target = (words(zoe.get(f"/applications/{one.pk}/")) for one in pair)
    assert f"This page is read-only: application {bob.pk} has its Loan ID now." in merged
    assert f"zoe merged another one into this: application {ann.pk}" in target
    assert ["Record decision" in page for page in (merged, target)] == [False, True]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "entries"),
    [
        ("decide", {"verdict": "denied"}),
        ("claim", {}),
        ("hold", {"asked": "Payslips", "until": "2099-01-01"}),
        ("withdraw", {"reason": "Twice"}),
        ("note", {"text": "Twice"}),
    ],
)
def test_a_merged_application_is_read_only(zoe, pair, act, entries):
    ann, bob = pair
    send(zoe, "merge", ann, bob)
    if act == "hold":
        entries["until"] = holds.site_date(ann.created_at).isoformat()
    reply = zoe.post(f"/predictions/{ann.pk}/{act}/", entries)
    assert reply.status_code == 409
    assert f"merged into application {bob.pk} and is read-only" in words(reply)


def test_its_values_stay_as_they_are(zoe, pair, entries):
    send(zoe, "merge", *pair)
    del entries["loan_id"]
    assert zoe.post(f"/predictions/{pair[0].pk}/values/", entries | {"why": "Seen"}).status_code == 409
    assert Prediction.objects.count() == 2


def test_its_owner_scores_the_id_no_more_and_the_other_owner_does(zoe, pair, application):
    ann, bob = pair
    send(zoe, "merge", ann, bob)
    row = application | {"Loan_ID": "A1"}
    refused = ApiClient(ann.owner).post(V1, row)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "loan_id_taken")
    assert ApiClient(bob.owner).post(V1, row).json()["earlier"] == 1


def test_a_second_click_merges_once(zoe, pair):
    assert [send(zoe, "merge", *pair).status_code for _ in range(2)] == [303, 303]
    assert ApplicationEvent.objects.filter(kind="merged").count() == 1


def test_neither_merges_back_nor_an_application_into_itself(zoe, pair):
    ann, bob = pair
    send(zoe, "merge", ann, bob)
    assert send(zoe, "merge", bob, ann).status_code == 409
    assert send(zoe, "merge", bob, bob).status_code == 409


def test_different_ids_are_not_merged(zoe, pair):
    Prediction.objects.filter(pk=pair[0].pk).update(loan_id="B1")
    assert send(zoe, "merge", *pair).status_code == 409
    assert not ApplicationEvent.objects.exists()


def test_what_was_scored_again_meanwhile_is_not_merged(zoe, pair, application):
    shown = list(pair)
    ApiClient(shown[0].owner).post(V1, application | {"Loan_ID": "A1"})
    assert send(zoe, "merge", *shown).status_code == 409
    assert not ApplicationEvent.objects.exists()


def test_a_reason_is_needed(zoe, pair):
    reply = send(zoe, "merge", *pair, reason="")
    assert reply.status_code == 422
    assert "A reason is expected" in words(reply)


def test_applications_that_are_kept_apart_leave_the_list_also_when_scored_again(zoe, pair, application):
    assert send(zoe, "apart", *pair, reason="Two people").status_code == 303
    kept = ApplicationEvent.objects.filter(kind="kept_apart", text="Two people")
    assert {event.prediction_id for event in kept} == {one.pk for one in pair}
    ApiClient(pair[0].owner).post(V1, application | {"Loan_ID": "A1"})
    assert "Nothing to merge." in words(zoe.get(URL))
    assert ApplicationState(state(pair[1])) is ApplicationState.WAITING


def kept_by_the_worker():
    now = timezone.now()
    rank_predictions(step=1, now=now)
    rank_predictions(step=1, now=now + SETTLED)  # on PostgreSQL, when all calls have ended
    keep_shared_ids()


@pytest.fixture
def newer(pair):
    """The Loan_ID of an application of each officer, of which the worker has kept the first one's."""
    kept_by_the_worker()
    for one in pair:
        facts = Prediction.objects.values().get(pk=one.pk) | {"loan_id": f"{one.owner.username}-2"}
        del facts["id"]
        Prediction.objects.create(**facts)
    Prediction.objects.filter(loan_id__endswith="-2").update(loan_id="B2")


def listed(client):
    return [group.loan_id for group in client.get(URL).context["groups"]]


@pytest.mark.parametrize("again", [False, True])
def test_ids_that_the_worker_kept_are_listed_with_newer_ones(zoe, newer, again):
    if again:
        kept_by_the_worker()
    assert listed(zoe) == ["A1", "B2"]


def test_kept_ids_leave_the_list_with_their_predictions(zoe, newer, pair):
    Referral.objects.all().delete()
    Prediction.objects.filter(pk=pair[0].pk).delete()
    assert listed(zoe) == ["B2"]


def test_who_joins_the_staff_after_ids_were_kept_is_listed(zoe, pair):
    group = pair[0].owner.groups.get()
    pair[0].owner.groups.clear()
    kept_by_the_worker()
    assert listed(zoe) == []
    pair[0].owner.groups.add(group)
    assert listed(zoe) == ["A1"]


def test_the_page_costs_a_fixed_number_of_queries(zoe, pair, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):  # one for what the worker has kept
        zoe.get(URL)
