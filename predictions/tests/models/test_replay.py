"""Stored predictions, scored again: what would flip, and whether the old ones still hold."""

import pytest
from django.utils import timezone

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.errors import ModelUnreadable
from predictions.models import Explanation, ModelVersion, Policy, Prediction
from predictions.roles import Role
from predictions.services.scoring import scoring
from predictions.services.versions import registry
from predictions.services.versions.replay import Replay, collect_flips
from predictions.tests.helpers.replays import mirrored, shifted

SCHEMA = built_in()

GOOD = {"Credit_History": 1, "Property_Area": "Semiurban"}
BAD = {"Credit_History": 0, "Property_Area": "Rural", "ApplicantIncome": 1500, "Gender": None}


@pytest.fixture
def stored(active_version, user_with, application):
    """Two approved predictions and one denied, made by the active version."""
    rows = [application | change | {"Loan_ID": f"L{i}"} for i, change in enumerate([GOOD, BAD, GOOD])]
    records = [read_json_row(SCHEMA, row) for row in rows]
    facts = {"source": Prediction.Source.API, "request_id": "r"}
    scoring.score_records(owner=user_with(Role.OFFICER), records=records, **facts)
    assert list(Prediction.objects.values_list("outcome", flat=True)) == ["approved", "denied", "approved"]


@pytest.fixture
def opposite(stored, trained):
    """A candidate that flips every outcome."""
    return registry.register(trained=mirrored(trained), by=None)


def walked(candidate, newest=None):
    replay = Replay(candidate=candidate, newest=newest)
    return replay, collect_flips(replay, limit=200)


def change(**facts):
    """Change the newest stored row, which the site never does."""
    newest = Prediction.objects.first()
    Prediction.objects.filter(pk=newest.pk).update(**facts)
    return newest


def policy(threshold):
    return Policy.objects.create(threshold=threshold, at=timezone.now())


def test_nothing_flips_with_the_version_that_made_the_predictions(stored, active_version):
    replay, flips = walked(active_version)
    assert (flips, replay.counts.total.unchanged, replay.counts.total.mean_shift) == ([], 3, 0)


def test_flips_are_counted_by_direction(opposite):
    total = walked(opposite)[0].counts.total
    assert (total.replayed, total.unchanged, total.to_denied, total.to_approved) == (3, 0, 2, 1)
    assert (total.approved_before, total.approved_after) == (2, 1)


def test_every_group_sums_to_the_total(opposite):
    counts = walked(opposite)[0].counts
    for column, tallies in counts.groups.items():
        assert sum(tally.replayed for tally in tallies.values()) == 3, column
        assert sum(tally.to_denied for tally in tallies.values()) == 2, column


def test_applications_without_a_value_are_a_group_of_their_own(opposite):
    (gender, groups), *_ = walked(opposite)[0].counts.by_group()
    assert gender == "Gender"
    assert [(label, tally.to_approved) for label, tally in groups] == [("Male", 0), ("Not given", 1)]


def test_a_flip_has_both_outcomes_and_both_sets_of_reasons(opposite):
    denied = walked(opposite)[1][1]
    assert (denied.prediction.outcome, denied.outcome) == ("denied", "approved")
    assert denied.probability == pytest.approx(1 - denied.prediction.approval_probability)
    old = {reason["column"]: reason["contribution"] for reason in denied.prediction.reasons}
    assert {reason["column"]: -reason["contribution"] for reason in denied.reasons} == old


def test_flips_come_newest_first_and_no_more_than_asked_for(opposite):
    replay = Replay(candidate=opposite)
    flips = collect_flips(replay, limit=2)
    assert [flip.prediction.loan_id for flip in flips] == ["L2", "L1"]
    assert replay.counts.total.flipped == 3


def test_only_the_newest_are_replayed(opposite):
    assert walked(opposite, newest=2)[0].counts.total.replayed == 2


def test_each_prediction_is_held_to_its_own_threshold(stored, active_version):
    change(policy=policy(0.999), outcome="denied")
    assert walked(active_version)[1] == []


def test_a_model_that_is_a_little_stricter_shifts_probabilities(stored, trained):
    candidate = registry.register(trained=shifted(trained, by=-0.01), by=None)
    total = walked(candidate)[0].counts.total
    assert (total.flipped, -0.01 < total.mean_shift < 0) == (0, True)


def test_a_chunk_costs_a_fixed_number_of_queries(opposite, django_assert_num_queries):
    with django_assert_num_queries(5):  # rows, their version and its columns, explanations, no more rows
        walked(opposite)


def test_the_proof_holds_for_what_was_really_stored(opposite, active_version):
    (proof,) = walked(opposite)[0].proofs
    assert (proof.version, proof.checked, proof.largest, proof.passes) == (active_version, 3, 0, True)


def test_the_proof_fails_when_a_stored_probability_was_changed_a_little(stored, active_version):
    newest = Prediction.objects.first()
    change(approval_probability=newest.approval_probability + 1e-9)
    (proof,) = walked(active_version)[0].proofs
    assert (proof.passes, proof.furthest, proof.outcomes_differing) == (False, newest.pk, 0)


def test_the_proof_fails_when_a_stored_outcome_was_changed(stored, active_version):
    change(outcome="denied")
    (proof,) = walked(active_version)[0].proofs
    assert (proof.passes, proof.largest, proof.outcomes_differing) == (False, 0, 1)


def test_the_proof_fails_when_stored_inputs_cannot_be_read_any_more(opposite):
    change(inputs={"Credit_History": 2})
    replay, _ = walked(opposite)
    (proof,) = replay.proofs
    assert (replay.counts.total.replayed, proof.unreadable, proof.passes) == (2, 1, False)


def test_a_version_that_cannot_be_loaded_is_named_with_the_reason(opposite, active_version):
    ModelVersion.objects.filter(pk=active_version.pk).update(artefact="gone")
    (proof,) = walked(opposite)[0].proofs
    assert (proof.passes, proof.version) == (False, active_version)
    assert "gone" in proof.problem


def test_a_candidate_that_cannot_be_loaded_is_refused(opposite):
    opposite.artefact = "gone"
    with pytest.raises(ModelUnreadable, match=rf"Version {opposite.pk} cannot be loaded: .*gone"):
        Replay(candidate=opposite)


@pytest.mark.slow
def test_more_changed_cases_than_a_condition_of_sqlite_may_be_deep(opposite):
    newest = Prediction.objects.first()
    fields = ("base", "reasons")
    facts = {name: getattr(newest.explanation, name) for name in fields}
    explanations = Explanation.objects.bulk_create(
        Explanation(digest=f"{number:064}", **facts) for number in range(1001)
    )
    for explanation in explanations:
        newest.pk, newest.explanation = None, explanation
        newest.save(force_insert=True)
    assert walked(opposite)[0].counts.total.replayed == 1004
