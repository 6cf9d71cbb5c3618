"""A second person for policies and for activations against the gate: pages, admin and commands."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from predictions.models import AuditRecord, Comparison, ModelVersion, Policy, Proposal
from predictions.roles import Role
from predictions.services.policies import policies
from predictions.services.versions import registry
from predictions.tests.helpers.pages import words

CHANGE = "/policies/change/"
WORSE = {"name": "active version", "outcome": "refused", "detail": "Log loss +0.03."}


@pytest.fixture
def manager(client_of):
    return client_of(Role.MODEL_MANAGER)


@pytest.fixture
def admin(client_of):
    return client_of(Role.ADMIN)


def adopt(**numbers):
    newest = Policy.objects.newest()
    policy = Policy(**{"threshold": 0.5} | numbers)
    return policies.adopt_policy(policy=policy, replaces=newest.pk, by=None, reason="At the start")


@pytest.fixture
def guarded(db):
    """A policy whose changes a second person confirms."""
    return adopt(second_for_policies=True)


def send(client, **fields):
    entries = {
        "threshold": "52.5",
        "refer_gaps": "on",
        "second_for_policies": "on",
        "reason": "Newest losses",
    }
    return client.post(CHANGE, entries | {"replaces": Policy.objects.newest().pk} | fields)


@pytest.fixture
def proposal(guarded, manager):
    send(manager)
    return Proposal.objects.get()


def answer(client, proposal, answer, **fields):
    return client.post(f"/proposals/{proposal.pk}/", {"answer": answer} | fields)


def test_a_change_waits_for_a_second_person(guarded, manager):
    reply = send(manager)
    assert (reply.status_code, Policy.objects.newest()) == (303, guarded)
    text = words(manager.get("/policies/"))
    assert "Proposed policy Nothing has changed yet." in text
    assert "Threshold: 50% → 52.5%" in text


def test_another_account_confirms_and_both_names_stay(proposal, manager, admin):
    assert answer(admin, proposal, "confirm").status_code == 303
    policy = Policy.objects.newest()
    assert (policy.threshold, policy.by, policy.confirmed_by) == (0.525, manager.user, admin.user)
    assert "Adopted by model manager Confirmed by admin" in words(manager.get("/policies/"))
    actions = ["policy proposal confirmed", "policy", "policy proposal proposed", "policy"]
    assert sorted(AuditRecord.objects.values_list("action", flat=True)) == sorted(actions)


def test_nobody_confirms_an_own_proposal(proposal, guarded, manager):
    reply = answer(manager, proposal, "confirm")
    assert (reply.status_code, Policy.objects.newest()) == (409, guarded)
    assert "Another account must confirm it." in words(reply)


def test_the_database_refuses_it_too(proposal):
    facts = {"answer": "confirmed", "answered_by": proposal.by}
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(**facts)


def test_a_refusal_needs_a_reason_and_changes_nothing(proposal, guarded, admin):
    assert answer(admin, proposal, "refuse").status_code == 422
    assert answer(admin, proposal, "refuse", text="Too early").status_code == 303
    proposal.refresh_from_db()
    assert (proposal.answer, proposal.answer_text, Policy.objects.newest()) == (
        "refused",
        "Too early",
        guarded,
    )


def test_the_proposer_takes_back(proposal, manager, admin):
    assert answer(admin, proposal, "take_back").status_code == 409
    assert answer(manager, proposal, "take_back").status_code == 303
    assert "Proposed policy" not in words(manager.get("/policies/"))


def test_a_second_click_on_confirm_adopts_once(proposal, manager, admin):
    for _ in range(2):
        assert answer(admin, proposal, "confirm").status_code == 303
    assert Policy.objects.filter(threshold=0.525).count() == 1
    send(manager, threshold="60")
    answer(admin, Proposal.objects.first(), "confirm")
    assert answer(admin, proposal, "confirm").status_code == 409


def test_of_two_answers_the_first_counts(proposal, admin):
    answer(admin, proposal, "confirm")
    reply = answer(admin, proposal, "refuse", text="No")
    assert (reply.status_code, Policy.objects.newest().threshold) == (409, 0.525)
    assert "This proposal was confirmed meanwhile." in words(reply)


def test_another_policy_makes_a_proposal_outdated(guarded, manager, admin, client_of):
    send(manager)
    send(client_of(Role.MODEL_MANAGER, "eva"), threshold="60")
    late, first = Proposal.objects.all()
    answer(admin, late, "confirm")
    reply = answer(admin, first, "confirm")
    assert (reply.status_code, Policy.objects.newest().threshold) == (409, 0.6)
    assert "outdated by another change" in words(reply)


def test_a_second_click_makes_no_second_proposal(guarded, manager):
    send(manager)
    send(manager)
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"limit_amount": 500.0}, {"limit_amount": "501"}),
        ({"limit_amount": 500.0}, {}),
        ({"second_for_overrides": True}, {}),
        ({"second_for_letters": True}, {}),
        ({"second_for_gate": True}, {}),
    ],
)
def test_what_binds_is_not_turned_off_alone(before, after, manager, db):
    in_force = adopt(**before)
    send(manager, **after)
    assert (Policy.objects.newest(), Proposal.objects.count()) == (in_force, 1)


def test_a_lower_limit_is_adopted_alone(manager, db):
    adopt(limit_amount=500.0)
    send(manager, limit_amount="400")
    assert (Policy.objects.newest().limit_amount, Proposal.objects.count()) == (400, 0)


def test_where_nobody_else_could_confirm_the_page_says_so(proposal, manager, client_of):
    said = "No other account has the right to confirm this."
    assert said in words(manager.get("/policies/"))
    client_of(Role.ADMIN)
    assert said not in words(manager.get("/policies/"))


def test_only_who_may_adopt_answers(proposal, client_of):
    assert answer(client_of(Role.AUDITOR), proposal, "confirm").status_code == 403


def test_the_command_line_does_not_go_around(guarded):
    with pytest.raises(CommandError, match="needs a second person under the policy in force"):
        call_command("adopt_policy", "--threshold", "0.6", "--reason", "Night")
    assert Policy.objects.newest() == guarded


def test_the_command_keeps_what_a_second_person_confirms(db):
    adopt(second_for_letters=True, limit_amount=500.0)
    call_command("adopt_policy", "--threshold", "0.6", "--reason", "Day", stdout=io.StringIO())
    policy = Policy.objects.newest()
    assert (policy.second_for_letters, policy.limit_amount) == (True, 500)


@pytest.fixture
def refused(active_version, trained):
    """A candidate that the gate refuses, where a second person must confirm overriding it."""
    candidate = registry.register(trained=trained, by=None)
    ModelVersion.objects.update(synthetic=False)
    facts = {"incumbent": active_version, "at": candidate.created_at}
    Comparison.objects.create(candidate=candidate, verdict={"refused": True, "checks": [WORSE]}, **facts)
    adopt(second_for_gate=True)
    return candidate


def override(client, version):
    entries = {"reason": "Fewer losses", "override": "on"}
    return client.post(f"/models/{version.pk}/activate/", entries)


def test_overriding_the_gate_waits_for_a_second_person(refused, active_version, manager, admin):
    override(manager, refused)
    assert ModelVersion.objects.active().get() == active_version
    page = f"/models/{refused.pk}/"
    assert f"Proposed activation of version {refused.pk}" in words(admin.get(page))
    for _ in range(2):
        assert answer(admin, Proposal.objects.get(), "confirm").headers["Location"] == page
    version = ModelVersion.objects.active().get()
    assert (version, version.activated_by, version.reason) == (refused, manager.user, "Fewer losses")
    assert AuditRecord.objects.get(action="model override").detail["confirmed_by"] == admin.user.pk


def test_another_activation_makes_the_proposal_outdated(refused, register, manager, admin):
    override(manager, refused)
    other = register()
    facts = {"candidate": other, "incumbent": ModelVersion.objects.active().get(), "at": other.created_at}
    Comparison.objects.create(verdict={"refused": False, "checks": []}, **facts)
    registry.activate(version_id=other.pk, by=None, reason="Another")
    reply = answer(admin, Proposal.objects.get(), "confirm")
    assert (reply.status_code, ModelVersion.objects.active().get()) == (409, other)


def test_the_command_does_not_override_the_gate_alone(refused, active_version):
    asked = ("activate_model", str(refused.pk), "--override", "--reason", "Night")
    with pytest.raises(CommandError, match="Overriding the gate needs a second person"):
        call_command(*asked, stdout=io.StringIO())
    assert ModelVersion.objects.active().get() == active_version


def test_the_admin_proposes_too(refused, admin):
    entries = {"action": "activate", "_selected_action": refused.pk, "reason": "Now", "override": "on"}
    text = words(admin.post("/admin/predictions/modelversion/", entries, follow=True))
    assert "Proposed: a second person must confirm it." in text
