"""The model room: which version is live and why, and switching."""

import pytest

from predictions.models import Activation, Comparison, ModelVersion
from predictions.roles import Role
from predictions.services.versions import registry
from predictions.tests.helpers.pages import words
from predictions.tests.helpers.queue import carry_out_queue

PASSED = {"name": "learned something", "outcome": "passed", "detail": "Log loss -0.1 [-0.2 -0.1]."}
WORSE = {"name": "active version", "outcome": "refused", "detail": "Log loss +0.03 [+0.01 +0.05]."}
PROMISE = "Fewer losses in the replay"


@pytest.fixture
def manager(client_of):
    return client_of(Role.MODEL_MANAGER)


@pytest.fixture
def real(active_version):
    """The active version, as if it had learned from real data: only such a one can block."""
    ModelVersion.objects.update(synthetic=False)
    return active_version


@pytest.fixture
def candidate(real, trained):
    version = registry.register(trained=trained, by=None)
    ModelVersion.objects.update(synthetic=False)
    return version


@pytest.fixture
def judged(real, candidate, db):
    """Let the gate have said something of the candidate."""

    def judge(*checks, error=""):
        refused = any(check["outcome"] == "refused" for check in checks)
        verdict = {"refused": refused, "checks": list(checks)} if checks else None
        facts = {"candidate": candidate, "incumbent": real, "at": candidate.created_at}
        return Comparison.objects.create(**facts, verdict=verdict, error=error)

    return judge


def activate(client, version, **entries):
    return client.post(f"/models/{version.pk}/activate/", {"reason": PROMISE} | entries)


def live():
    return ModelVersion.objects.active().get()


def test_without_a_version_the_room_teaches_what_a_model_is(manager, artefacts):
    text = words(manager.get("/models/"))
    assert "No model yet." in text
    assert "Train the first model" in text


def test_the_live_version_stands_on_top_with_since_when_by_whom_and_why(manager, active_version):
    text = words(manager.get("/models/"))
    assert f"Active now Version {active_version.pk} Active since" in text
    assert "Activated by the command line Reason test" in text


def test_every_version_is_listed_with_intervals_beside_the_one_rule(manager, candidate):
    text = words(manager.get("/models/"))
    own = candidate.report["cross_validation"]["models"]["scorecard"]["log_loss"]
    rule = candidate.report["cross_validation"]["models"]["one_rule"]["log_loss"]
    figure = f"{own['mean']:.3f} {own['low']:.3f} to {own['high']:.3f} one rule: {rule['mean']:.3f}"
    assert f"Version {candidate.pk} Candidate" in text
    assert text.count(figure) == 3


def test_synthetic_data_is_named_wherever_a_version_is(manager, active_version):
    for address in ("/models/", f"/models/{active_version.pk}/", "/models/timeline/"):
        below_the_banner = words(manager.get(address)).split("for real people.")[1]
        assert "synthetic" in below_the_banner


def test_only_those_who_may_train_are_offered_it(client_of, active_version):
    assert "Train a model" not in words(client_of(Role.OFFICER).get("/models/"))
    assert "Train a model" in words(client_of(Role.MODEL_MANAGER).get("/models/"))


def test_a_version_shows_figures_beside_both_baselines_and_its_facts(manager, candidate):
    text = words(manager.get(f"/models/{candidate.pk}/"))
    for fact in (
        "One rule: credit history",
        "Majority class",
        candidate.data_digest,
        "Protected columns None",
    ):
        assert fact in text


def test_a_candidate_stands_beside_the_active_version(manager, real, candidate):
    text = words(manager.get(f"/models/{candidate.pk}/"))
    assert f"Fact Version {real.pk}, active Version {candidate.pk}, this one If activated" in text
    assert "Log loss" in text.split("If activated")[1]


def test_what_a_switch_adds_is_named(manager, real, candidate):
    ModelVersion.objects.filter(pk=candidate.pk).update(
        columns=[*candidate.columns, "Gender"], protected_columns=["Gender"]
    )
    assert "Protected columns None Gender adds Gender" in words(manager.get(f"/models/{candidate.pk}/"))


def test_the_verdict_is_told_check_by_check_in_words(manager, candidate, judged):
    judged(PASSED, WORSE)
    text = words(manager.get(f"/models/{candidate.pk}/"))
    assert "This version fails the gate." in text
    assert "Passed: learned something." in text
    assert "Refused: active version. Log loss +0.03" in text


def test_an_officer_sees_the_verdict_but_no_buttons(client_of, candidate):
    page = client_of(Role.OFFICER).get(f"/models/{candidate.pk}/").content.decode()
    assert "Not compared yet." in page
    assert f"/models/{candidate.pk}/" not in [part.split('"')[0] for part in page.split('action="')]


@pytest.mark.usefixtures("kept_table")
def test_a_comparison_is_queued_once_and_shown_when_it_is_made(manager, candidate):
    for _ in range(2):
        assert manager.post(f"/models/{candidate.pk}/compare/").status_code == 302
    waiting = manager.get(f"/models/{candidate.pk}/")
    assert "waiting for the worker" in words(waiting)
    assert 'http-equiv="refresh"' in waiting.content.decode()
    assert carry_out_queue() == 1
    assert "This version passes the gate." in words(manager.get(f"/models/{candidate.pk}/"))


def test_a_version_that_is_no_candidate_is_not_compared(manager, real):
    reply = manager.post(f"/models/{real.pk}/compare/")
    assert (reply.status_code, "only candidates are compared" in words(reply)) == (409, True)


def test_a_candidate_that_the_gate_lets_through_goes_live(manager, candidate, judged):
    judged(PASSED)
    reply = manager.post(f"/models/{candidate.pk}/activate/", {"reason": PROMISE}, follow=True)
    assert f"Version {candidate.pk} is active and scores new applications." in words(reply)
    assert (live(), live().reason, live().activated_by) == (candidate, PROMISE, manager.user)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "\x00"])
def test_without_a_usable_reason_nothing_changes(manager, real, candidate, judged, reason):
    judged(PASSED)
    reply = activate(manager, candidate, reason=reason)
    assert (reply.status_code, live()) == (422, real)
    assert "Nothing was changed. Reason" in words(reply)


def test_a_refusal_is_told_and_the_typed_reason_kept(manager, real, candidate, judged):
    judged(WORSE)
    reply = activate(manager, candidate)
    assert (reply.status_code, live()) == (409, real)
    assert "Nothing was changed. The gate refuses this version. Log loss +0.03" in words(reply)
    assert f'value="{PROMISE}"' in reply.content.decode()


def test_what_was_not_compared_cannot_go_live_even_by_override(manager, real, candidate):
    reply = activate(manager, candidate, override="on")
    assert (reply.status_code, live()) == (409, real)
    assert "request the comparison first" in words(reply)


def test_the_override_is_offered_only_against_the_gate(manager, candidate, judged):
    judged(PASSED)
    assert "Activate although the gate refuses it" not in words(manager.get(f"/models/{candidate.pk}/"))
    judged(WORSE)
    assert "Activate although the gate refuses it" in words(manager.get(f"/models/{candidate.pk}/"))


@pytest.mark.parametrize("said", [{"checks": [WORSE]}, {"checks": [], "error": "The file is gone."}])
def test_an_override_goes_live_and_is_marked_in_the_timeline(manager, candidate, judged, said):
    judged(*said["checks"], error=said.get("error", ""))
    assert activate(manager, candidate, override="on").status_code == 302
    assert live() == candidate
    assert f"{PROMISE} against the gate" in words(manager.get("/models/timeline/"))


def test_a_retired_version_is_rolled_back_to_without_the_gate(manager, real, candidate, judged):
    judged(PASSED)
    activate(manager, candidate)
    assert f"Roll back to version {real.pk}" in words(manager.get(f"/models/{real.pk}/"))
    assert activate(manager, real).status_code == 302
    assert live() == real


def test_the_live_version_cannot_be_activated_again(manager, real):
    reply = activate(manager, real)
    assert (reply.status_code, "is active already" in words(reply)) == (409, True)


def test_a_broken_artefact_stays_out_in_words(manager, real, candidate, judged, artefacts):
    judged(PASSED)
    next((artefacts / candidate.artefact).iterdir()).write_bytes(b"x")
    assert (activate(manager, candidate).status_code, live()) == (409, real)


def test_a_version_shows_each_time_it_went_live(manager, real, candidate, judged):
    judged(PASSED)
    activate(manager, candidate)
    text = words(manager.get(f"/models/{real.pk}/")).split("Activations of this version")[1]
    assert "active now" not in text
    assert "the command line test" in text
    assert Activation.objects.count() == 2


def test_an_unknown_version_is_404(manager, active_version):
    assert manager.get("/models/999/").status_code == 404
    assert manager.post("/models/999/activate/", {"reason": "x"}).status_code == 404


def test_markup_in_a_reason_is_text_on_every_page(manager, active_version, trained):
    version = registry.register(trained=trained, by=None)
    activate(manager, version, reason="<b>bold</b>")
    for address in ("/models/", f"/models/{version.pk}/", "/models/timeline/"):
        assert "<b>" not in manager.get(address).content.decode()


def test_the_list_costs_a_fixed_number_of_queries(manager, candidate, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):  # one of them once a second
        manager.get("/models/")


def test_a_version_says_why_rows_of_its_table_were_left_out(manager, candidate):
    candidate.report |= {"left_out": 5, "left_out_why": {"LoanAmount refused": 3}}
    candidate.save()
    page = words(manager.get(f"/models/{candidate.pk}/"))
    assert "Rows left out 5 by their outcome 3 LoanAmount refused" in page
