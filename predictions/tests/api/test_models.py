"""Model versions over the API: list, figures, activation through the gate, timeline."""

from datetime import UTC, datetime

import pytest
from django_tasks_db.models import DBTaskResult

from predictions.models import Comparison, ModelVersion
from predictions.roles import Role
from predictions.services.versions import registry
from predictions.tests.helpers.api import ApiClient

REFUSAL = {"refused": True, "checks": [{"name": "x", "outcome": "refused", "detail": "Worse by far."}]}
BLESSING = {"refused": False, "checks": []}


@pytest.fixture
def manager(user_with):
    return ApiClient(user_with(Role.MODEL_MANAGER))


@pytest.fixture
def candidate(active_version, trained):
    """A candidate beside an active version that may block it."""
    ModelVersion.objects.update(synthetic=False)
    return registry.register(trained=trained, by=None)


@pytest.fixture
def compared(candidate, active_version):
    def make(verdict, error=""):
        facts = {"verdict": verdict, "error": error, "at": datetime(2026, 1, 1, tzinfo=UTC)}
        Comparison.objects.create(candidate=candidate, incumbent=active_version, **facts)
        return candidate

    return make


def activate(caller, version, **wish):
    return caller.post(f"/api/v1/models/{version.pk}/activate/", wish)


def error_of(reply):
    return reply.json()["errors"][0]


def test_the_list_names_the_version_that_is_live(manager, active_version, candidate):
    listed = manager.get("/api/v1/models/").json()["results"]
    assert [(row["id"], row["live"]) for row in listed] == [(candidate.pk, False), (active_version.pk, True)]


def test_a_version_comes_with_its_figures(manager, active_version):
    report = manager.get(f"/api/v1/models/{active_version.pk}/").json()["report"]
    assert report["cross_validation"]["models"].keys() == {"scorecard", "one_rule", "majority"}


def test_a_candidate_that_passed_the_gate_becomes_active(manager, compared):
    candidate = compared(BLESSING)
    reply = activate(manager, candidate, reason="agreed")
    assert (reply.status_code, reply.json()["status"]) == (200, "active")


def test_a_candidate_that_nobody_compared_is_not_activated(manager, candidate, active_version):
    reply = activate(manager, candidate, reason="agreed")
    assert (reply.status_code, error_of(reply)["code"]) == (409, "not_compared")
    assert ModelVersion.objects.active().get() == active_version


def test_a_refused_candidate_is_not_activated_and_hears_why(manager, compared, active_version):
    reply = activate(manager, compared(REFUSAL), reason="agreed")
    assert (reply.status_code, error_of(reply)["code"]) == (409, "gate_refused")
    assert "Worse by far." in error_of(reply)["detail"]
    assert ModelVersion.objects.active().get() == active_version


def test_an_override_activates_what_the_gate_refuses_and_is_told_in_the_timeline(manager, compared):
    assert activate(manager, compared(REFUSAL), reason="we know", override=True).status_code == 200
    newest = manager.get("/api/v1/models/timeline/").json()["results"][0]
    assert (newest["overridden"], newest["reason"], newest["by"]) == (True, "we know", "model manager")


@pytest.mark.parametrize(
    ("wish", "attr"),
    [
        ({}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": 5}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "nul \0"}, "reason"),
        ({"reason": "good", "override": "true"}, "override"),
        ({"reason": "good", "Override": True}, "Override"),
    ],
)
def test_a_wish_that_cannot_be_read_names_its_field(manager, candidate, wish, attr):
    reply = manager.post(f"/api/v1/models/{candidate.pk}/activate/", wish)
    assert (reply.status_code, error_of(reply)["attr"]) == (400, attr)


def test_the_active_version_cannot_be_activated_again(manager, active_version):
    assert activate(manager, active_version, reason="again").status_code == 409


def test_an_unknown_version_is_404(manager, active_version):
    assert manager.post("/api/v1/models/999/activate/", {"reason": "x"}).status_code == 404


def test_a_comparison_is_left_to_the_worker(manager, candidate):
    assert manager.post(f"/api/v1/models/{candidate.pk}/compare/", {}).status_code == 202
    assert DBTaskResult.objects.get().args_kwargs["args"] == [candidate.pk]


def test_the_timeline_says_which_version_was_live_on_a_date(manager, active_version, candidate):
    first, second = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    active_version.activations.update(at=first)
    registry.activate(version_id=candidate.pk, by=None, reason="x", override=True, now=second)
    live = {
        day: [row["version"] for row in manager.get(f"/api/v1/models/timeline/?on={day}").json()["results"]]
        for day in ("2026-02-28", "2026-03-15", "2026-04-02")
    }
    assert live == {"2026-02-28": [], "2026-03-15": [active_version.pk], "2026-04-02": [candidate.pk]}


def test_the_card_is_the_one_of_the_page(manager, active_version, client_of):
    card = manager.get(f"/api/v1/models/{active_version.pk}/card/").json()["markdown"]
    page = client_of(Role.ADMIN).get(f"/models/{active_version.pk}/card.md")
    assert card == page.content.decode()


def test_a_card_with_a_gap_is_refused_with_the_gap_named(manager, active_version):
    ModelVersion.objects.update(report={})
    reply = manager.get(f"/api/v1/models/{active_version.pk}/card/")
    assert (reply.status_code, "is missing" in error_of(reply)["detail"]) == (409, True)
