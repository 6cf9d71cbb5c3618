"""Which model serves: the active version, once it proved to be what was registered."""

import pytest

from predictions.errors import ModelUnreadable
from predictions.live import active_model
from predictions.models import ModelVersion
from predictions.services.versions import registry


@pytest.fixture
def candidate(active_version, trained):
    return registry.register(trained=trained, by=None)


def test_an_activated_version_serves_at_once_in_this_process(active_version, candidate):
    assert active_model.current().version_id == active_version.pk
    registry.activate(version_id=candidate.pk, by=None, reason="better")
    assert active_model.current().version_id == candidate.pk


def test_activation_retires_the_version_before(active_version, candidate):
    registry.activate(version_id=candidate.pk, by=None, reason="better")
    active_version.refresh_from_db()
    assert active_version.status == ModelVersion.Status.RETIRED


def test_a_broken_candidate_is_refused_and_the_active_one_stays(active_version, candidate, artefacts):
    (artefacts / candidate.artefact / "scorecard.json").write_bytes(b"{}")
    with pytest.raises(Exception, match="not the one that was signed"):
        registry.activate(version_id=candidate.pk, by=None, reason="better")
    assert ModelVersion.objects.active().get() == active_version


def test_when_the_new_active_version_cannot_be_trusted_the_old_one_serves(
    active_version, candidate, artefacts, client
):
    active_model.current()
    registry.activate(version_id=candidate.pk, by=None, reason="better")
    (artefacts / candidate.artefact / "manifest.sig").write_bytes(b"0" * 64)
    candidate.artefact_files.filter(name="manifest.sig").update(content=b"0" * 64)
    assert active_model.current().version_id == active_version.pk
    assert client.get("/readyz").json()["status"] == "degraded"


def test_a_model_that_cannot_be_loaded_at_first_is_said_so(active_version, artefacts):
    (artefacts / active_version.artefact / "scorecard.json").unlink()
    active_version.artefact_files.all().delete()
    with pytest.raises(ModelUnreadable, match="cannot be read"):
        active_model.current()


def test_the_database_allows_one_active_version_only(active_version, candidate):
    from django.db import IntegrityError

    candidate.status = ModelVersion.Status.ACTIVE
    with pytest.raises(IntegrityError):
        candidate.save()


def test_the_database_is_asked_at_most_once_a_second(active_version, django_assert_num_queries):
    active_model.current()
    with django_assert_num_queries(0):
        active_model.current()
