"""Applications of one Loan_ID that two officers have, from before: merged by API."""

import pytest

from predictions.models import ApplicationEvent, AuditRecord, Prediction, Referral
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient

V1 = "/api/v1"
WHY = "One applicant, entered twice"


@pytest.fixture
def zoe(active_version, user_with):
    return ApiClient(user_with(Role.REVIEWER, "zoe"))


@pytest.fixture
def officers(active_version, user_with):
    return [ApiClient(user_with(Role.OFFICER, name)) for name in ("ann", "bob")]


@pytest.fixture
def pair(officers, application):
    """The ids of the officers' waiting applications, whose Loan_ID is one."""
    for officer in officers:
        row = application | {"Loan_ID": officer.user.username, "Credit_History": None}
        officer.post(f"{V1}/predictions/", row)
    Prediction.objects.update(loan_id="A1")
    Referral.objects.update(loan_id="A1")
    return [*Prediction.objects.order_by("pk").values_list("pk", flat=True)]


def merge(client, pk, into, key=None, **changes):
    return client.post(f"{V1}/applications/{pk}/merge/", {"into": into, "reason": WHY} | changes, key=key)


def state(client, pk):
    return client.get(f"{V1}/applications/{pk}/").json()["state"]


def test_one_goes_on_and_the_other_one_is_read_only(zoe, pair):
    anns, bobs = pair
    reply = merge(zoe, anns, bobs)
    assert (reply.status_code, reply.json()["state"]) == (200, "merged")
    (event,) = [event for event in reply.json()["events"] if event["kind"] == "merged"]
    assert (event["text"], event["detail"], event["by"]) == (WHY, {"into": bobs}, "zoe")
    assert state(zoe, bobs) == "waiting"
    assert zoe.post(f"{V1}/applications/{anns}/claim/", {}).status_code == 409
    assert AuditRecord.objects.filter(action="merge", by=zoe.user).count() == 1


def test_the_same_call_again_merges_once(zoe, pair):
    assert [merge(zoe, *pair).status_code, merge(zoe, *pair).status_code] == [200, 200]
    assert [merge(zoe, *pair, key="k").status_code for _ in range(2)] == [200, 200]
    assert ApplicationEvent.objects.filter(kind="merged").count() == 1


def test_neither_back_nor_into_itself(zoe, pair):
    anns, bobs = pair
    assert merge(zoe, bobs, bobs).status_code == 409
    merge(zoe, anns, bobs)
    assert merge(zoe, bobs, anns).status_code == 409


@pytest.mark.parametrize("into", [None, "1", True, 1.0, -1, 10**30, 999])
def test_what_is_no_application_is_named(zoe, pair, into):
    reply = merge(zoe, pair[0], into)
    assert (reply.status_code, reply.json()["errors"][0]["attr"]) == (400, "into")


def test_a_reason_is_needed(zoe, pair):
    reply = merge(zoe, *pair, reason="")
    assert (reply.status_code, reply.json()["errors"][0]["attr"]) == (400, "reason")


def test_what_was_scored_again_since_the_caller_saw_it_is_not_merged(zoe, officers, pair, application):
    anns, bobs = pair
    officers[0].post(f"{V1}/predictions/", application | {"Loan_ID": "A1"})
    refused = merge(zoe, anns, bobs, prediction=anns)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "outdated")
    assert not ApplicationEvent.objects.filter(kind="merged").exists()


def test_the_application_of_a_program_stays_apart(zoe, pair, officers):
    officers[1].user.groups.clear()
    refused = merge(zoe, *pair)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "conflict")
    assert state(zoe, pair[0]) == "waiting"


def test_officers_do_not_merge(officers, pair):
    assert merge(officers[0], *pair).status_code == 403
