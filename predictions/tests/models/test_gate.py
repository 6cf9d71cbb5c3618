"""The gate between candidate and active version, at every door."""

import csv
import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tables.frames import read_training_csv
from ml.training.recipes import get
from ml.training.training import train
from predictions.errors import Conflict, NotCompared
from predictions.models import AuditRecord, Comparison, ModelVersion, OutOfFold
from predictions.roles import Role
from predictions.services.versions import comparisons, registry, training_files
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import words

SCHEMA = built_in()


@pytest.fixture(scope="session")
def bad(sample_csv, tmp_path_factory):
    """The sample with every woman denied and all other labels dealt out by chance, and a model of it.

    Its Loan_IDs are of no sample. One model is wrong in both ways, and one candidate is searched: training
    takes seconds.
    """
    path = tmp_path_factory.mktemp("data") / "bad.csv"
    rows = list(csv.DictReader(io.StringIO(sample_csv.read_text())))
    labels = np.random.default_rng(3).permutation([row[SCHEMA.target.column] for row in rows])
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        for number, (row, dealt) in enumerate(zip(rows, labels, strict=True)):
            label = "N" if row["Gender"] == "Female" else dealt
            writer.writerow(row | {SCHEMA.target.column: label, LOAN_ID: f"S{number}"})
    quick = {name: values[:1] for name, values in get("scorecard").grid.items()}
    return path, train(read_training_csv(SCHEMA, path), dataclasses.replace(get("scorecard"), grid=quick))


@pytest.fixture
def blocking(active_version):
    """The active version, as if its data were real: then it may block."""
    ModelVersion.objects.update(synthetic=False)
    return active_version


@pytest.fixture
def taught_badly(blocking, bad):
    """A candidate that was taught by chance, and to deny women."""
    path, trained = bad
    training_files.store_training_file(name=path.name, content=path.read_bytes(), by=None)
    return registry.register(trained=trained, by=None)


@pytest.fixture
def judged(blocking, trained):
    """Make a candidate of which the gate said this or that."""

    def make(outcome):
        candidate = registry.register(trained=trained, by=None)
        check = {"name": "x", "outcome": outcome, "detail": "A detail."}
        verdict = {"refused": outcome == "refused", "checks": [check]}
        facts = {"incumbent": blocking, "verdict": verdict, "at": candidate.created_at}
        Comparison.objects.create(candidate=candidate, **facts)
        return candidate

    return make


@pytest.mark.slow
def test_a_model_of_shuffled_labels_is_refused_at_every_door(taught_badly, blocking, user_with, client_of):
    with pytest.raises(CommandError, match="majority class") as refusal:
        call_command("activate_model", str(taught_badly.pk), reason="please", stdout=io.StringIO())
    assert refusal.value.returncode == 3
    api = ApiClient(user_with(Role.MODEL_MANAGER, "robot"))
    assert api.post(f"/api/v1/models/{taught_badly.pk}/activate/", {"reason": "please"}).status_code == 409
    page = client_of(Role.MODEL_MANAGER).post(f"/models/{taught_badly.pk}/activate/", {"reason": "please"})
    assert (page.status_code, b"The gate refuses" in page.content) == (409, True)
    assert "The gate refuses" in activated_in_admin(client_of(Role.ADMIN), taught_badly)
    assert ModelVersion.objects.active().get() == blocking


def activated_in_admin(client, version, **choices):
    chosen = {"action": "activate", "_selected_action": version.pk, "reason": "please"} | choices
    return client.post("/admin/predictions/modelversion/", chosen, follow=True).content.decode()


@pytest.mark.usefixtures("kept_table")
def test_a_model_of_the_same_data_passes(blocking, trained):
    candidate = registry.register(trained=trained, by=None)
    candidate.synthetic = False
    assert not comparisons.compare_with_active(candidate=candidate).verdict["refused"]


@pytest.mark.usefixtures("kept_table")
def test_a_model_of_sample_data_does_not_replace_one_of_real_data(blocking, trained):
    verdict = comparisons.compare_with_active(candidate=registry.register(trained=trained, by=None)).verdict
    assert verdict["refused"]
    assert "synthetic sample data" in verdict["checks"][-1]["detail"]


@pytest.fixture
def unfair(kept_table, taught_badly):
    """The same candidate, beside an active version whose table is kept."""
    return taught_badly


def refused(verdict):
    return {check["name"] for check in verdict["checks"] if check["outcome"] == "refused"}


@pytest.mark.slow
def test_a_candidate_that_was_taught_to_deny_women_is_refused_with_its_figures(unfair, blocking):
    out = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("activate_model", str(unfair.pk), reason="please", stdout=out)
    assert refusal.value.returncode == 3
    assert (
        f"Gate, refused: log loss. On version {blocking.pk}'s table (614 rows): log loss +0."
        in out.getvalue()
    )
    assert (
        "approvals by group. The labels of its table approve applicants with Gender Female 0.00"
        in out.getvalue()
    )
    assert "Gate, passed: medians." in out.getvalue()
    assert ModelVersion.objects.active().get() == blocking


def test_pages_and_api_show_the_checks_of_both_tables(unfair, client_of, user_with):
    comparisons.compare_with_active(candidate=unfair)
    page = words(client_of(Role.MODEL_MANAGER).get(f"/models/{unfair.pk}/"))
    assert "Refused: log loss. On version" in page
    assert "On its own table (614 rows): log loss" in page
    shown = ApiClient(user_with(Role.AUDITOR)).get(f"/api/v1/models/{unfair.pk}/").json()["comparisons"][0]
    assert refused(shown["verdict"]) >= {"log loss", "approvals by group"}


def test_an_override_with_its_reason_passes_what_both_tables_refuse(unfair):
    call_command("activate_model", str(unfair.pk), reason="A test", override=True, stdout=io.StringIO())
    assert unfair.activations.get().overridden


def test_a_verdict_by_the_rules_of_an_earlier_release_lets_nobody_through(judged):
    candidate = judged("passed")
    Comparison.objects.update(rules=1)
    with pytest.raises(NotCompared):
        registry.activate(version_id=candidate.pk, by=None, reason="x")


@pytest.mark.slow
def test_out_of_fold_probabilities_of_an_earlier_release_are_made_once_and_are_the_same(unfair, blocking):
    made = bytes(OutOfFold.objects.get(version=blocking).probabilities)
    first = comparisons.compare_with_active(candidate=unfair).verdict
    OutOfFold.objects.all().delete()
    assert comparisons.compare_with_active(candidate=unfair).verdict == first
    assert bytes(OutOfFold.objects.get(version=blocking).probabilities) == made


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text(path.read_text() + "\n")])
def test_a_lost_or_changed_table_of_the_active_version_is_a_warning_that_says_so(unfair, blocking, spoil):
    spoil(training_files.training_file_path(blocking.data_digest))
    verdict = comparisons.compare_with_active(candidate=unfair).verdict
    said = next(check for check in verdict["checks"] if check["name"] == "active version's table")
    assert said["outcome"] == "warning"
    assert "cannot be read: synthetic-sample.csv:" in said["detail"]


def test_beside_a_version_of_sample_data_the_same_checks_are_warnings(unfair, blocking):
    ModelVersion.objects.filter(pk=blocking.pk).update(synthetic=True)
    verdict = comparisons.compare_with_active(candidate=unfair).verdict
    warned = {check["name"] for check in verdict["checks"] if check["outcome"] == "warning"}
    assert (verdict["refused"], {"log loss", "approvals by group"} <= warned) == (False, True)
    registry.activate(version_id=unfair.pk, by=None, reason="It blocks nothing")


def test_a_version_of_sample_data_never_blocks(active_version, trained):
    candidate = registry.register(trained=trained, by=None)
    registry.activate(version_id=candidate.pk, by=None, reason="x")
    assert ModelVersion.objects.active().get() == candidate


def test_a_version_that_was_live_is_not_judged_again(judged, blocking):
    candidate = judged("passed")
    registry.activate(version_id=candidate.pk, by=None, reason="forward")
    registry.activate(version_id=blocking.pk, by=None, reason="back")
    assert ModelVersion.objects.active().get() == blocking


def test_a_warning_does_not_stop_a_candidate(judged):
    candidate = judged("warning")
    registry.activate(version_id=candidate.pk, by=None, reason="x")
    assert candidate.activations.get().verdict["checks"][0]["outcome"] == "warning"


def test_an_override_on_the_command_line_needs_a_reason_of_its_own(blocking):
    with pytest.raises(CommandError, match="--override needs a --reason"):
        call_command("train", activate=True, override=True)


def test_an_override_is_audited(judged, user_with):
    manager = user_with(Role.MODEL_MANAGER)
    candidate = judged("refused")
    registry.activate(version_id=candidate.pk, by=manager, reason="we know", override=True)
    record = AuditRecord.objects.first()
    assert (record.action, record.by, record.detail["reason"]) == ("model override", manager, "we know")


def test_an_override_that_nothing_called_for_is_none(active_version, trained):
    candidate = registry.register(trained=trained, by=None)
    registry.activate(version_id=candidate.pk, by=None, reason="x", override=True)
    assert not candidate.activations.get().overridden


def test_the_admin_overrides_when_it_is_told_to(judged, client_of):
    candidate = judged("refused")
    activated_in_admin(client_of(Role.ADMIN), candidate, override="on")
    assert ModelVersion.objects.active().get() == candidate


def test_a_candidate_without_its_file_cannot_be_compared_and_says_so(taught_badly):
    training_files.training_file_path(taught_badly.data_digest).unlink()
    assert "No such file" in comparisons.compare_with_active(candidate=taught_badly).error


def test_of_two_activations_at_once_the_slower_one_is_told(active_version, trained):
    slower, *others = [registry.register(trained=trained, by=None) for _ in range(2)]

    def overtake(execute, sql, *rest):
        """When the slower one is about to retire the active version, it is another one already."""
        if sql.startswith('UPDATE "predictions_modelversion"') and others:
            quicker = others.pop()
            registry.activate(version_id=quicker.pk, by=None, reason="quicker")
        return execute(sql, *rest)

    with connection.execute_wrapper(overtake), pytest.raises(Conflict, match="at the same time"):
        registry.activate(version_id=slower.pk, by=None, reason="slower")
