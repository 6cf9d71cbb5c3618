"""Proposals by API: listed, confirmed, refused, taken back."""

import pytest

from predictions.models import Comparison, ModelVersion, Policy, Proposal
from predictions.roles import Role
from predictions.services.policies import policies, proposals
from predictions.services.versions import registry
from predictions.tests.helpers.api import ApiClient

URL = "/api/v1/proposals/"


@pytest.fixture
def manager(user_with):
    return ApiClient(user_with(Role.MODEL_MANAGER))


@pytest.fixture
def admin(user_with):
    return ApiClient(user_with(Role.ADMIN))


def adopt(**second):
    newest = Policy.objects.newest()
    policy = Policy(threshold=0.5, **second)
    return policies.adopt_policy(policy=policy, replaces=newest.pk, by=None, reason="At the start")


@pytest.fixture
def proposal(manager):
    in_force = adopt(second_for_policies=True)
    wanted = Policy(threshold=0.6, second_for_policies=True)
    return proposals.adopt_or_propose(policy=wanted, replaces=in_force.pk, by=manager.user, reason="Losses")


def error_of(reply):
    return reply.json()["errors"][0]


def test_open_proposals_are_listed_with_what_they_would_do(proposal, manager):
    (row,) = manager.get(f"{URL}?open=true&kind=policy").json()["results"]
    assert (row["id"], row["by"], row["limits"]) == (proposal.pk, "model manager", ["second_for_policies"])
    assert (row["content"]["policy"]["threshold"], row["answer"]) == (0.6, "")
    assert manager.get(f"{URL}?open=false").json()["results"] == []


def test_another_account_confirms(proposal, admin):
    reply = admin.post(f"{URL}{proposal.pk}/confirm/", {}, key="k")
    assert (reply.status_code, reply.json()["answer"]) == (200, "confirmed")
    assert admin.post(f"{URL}{proposal.pk}/confirm/", {}, key="k").json() == reply.json()
    assert Policy.objects.newest().threshold == 0.6


def test_the_proposer_cannot_confirm(proposal, manager):
    reply = manager.post(f"{URL}{proposal.pk}/confirm/", {})
    assert (reply.status_code, error_of(reply)["code"]) == (409, "conflict")


def test_a_refusal_says_why(proposal, admin):
    reply = admin.post(f"{URL}{proposal.pk}/refuse/", {})
    assert (reply.status_code, error_of(reply)["attr"]) == (400, "text")
    reply = admin.post(f"{URL}{proposal.pk}/refuse/", {"text": "Too early"})
    assert (reply.json()["answer"], reply.json()["answer_text"]) == ("refused", "Too early")


def test_only_the_proposer_takes_back(proposal, admin, manager):
    assert admin.post(f"{URL}{proposal.pk}/take-back/", {}).status_code == 409
    assert manager.post(f"{URL}{proposal.pk}/take-back/", {}).json()["answer"] == "taken_back"


def test_overriding_the_gate_is_proposed_by_api_too(active_version, trained, manager, admin):
    candidate = registry.register(trained=trained, by=None)
    ModelVersion.objects.update(synthetic=False)
    verdict = {"refused": True, "checks": []}
    facts = {"incumbent": active_version, "verdict": verdict, "at": candidate.created_at}
    Comparison.objects.create(candidate=candidate, **facts)
    adopt(second_for_gate=True)
    wish = {"reason": "Fewer losses", "override": True}
    reply = manager.post(f"/api/v1/models/{candidate.pk}/activate/", wish)
    assert (reply.status_code, reply.json()["kind"]) == (202, "activation")
    assert admin.post(f"{URL}{reply.json()['id']}/confirm/", {}).status_code == 200
    assert ModelVersion.objects.active().get() == candidate


def test_a_stranger_sees_no_proposal_of_a_policy(proposal, user_with):
    client = ApiClient(user_with(Role.API_CLIENT))
    assert client.get(f"{URL}{proposal.pk}/").status_code == 404
    assert Proposal.objects.open().count() == 1
