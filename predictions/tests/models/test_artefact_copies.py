"""A model file that breaks or is lost does not stop the site, and is never passed over in silence."""

import importlib
import shutil

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from predictions.live.process_state import reset_process_state
from predictions.models import ArtefactFile, ModelVersion
from predictions.roles import Role
from predictions.services.versions import registry
from predictions.tests.helpers.api import ApiClient
from predictions.tests.site.test_commands import run

FILES = ["manifest.json", "manifest.sig", "scorecard.json"]


def lose(path):
    shutil.rmtree(path)


def truncate(path):
    (path / "scorecard.json").write_bytes((path / "scorecard.json").read_bytes()[:-1])


def flip(path):
    content = bytearray((path / "manifest.sig").read_bytes())
    content[5] ^= 1
    (path / "manifest.sig").write_bytes(content)


SPOILS = pytest.mark.parametrize("spoil", [lose, truncate, flip])


@pytest.fixture
def place(active_version, artefacts):
    return artefacts / active_version.artefact


@pytest.fixture
def api(user_with):
    return ApiClient(user_with(Role.OFFICER))


def score(api, application):
    return api.post("/api/v1/predictions/", application).status_code


@SPOILS
def test_a_file_that_breaks_while_running_is_told_and_the_model_goes_on(
    place, api, application, client, spoil
):
    assert score(api, application) == 201
    spoil(place)
    reply = client.get("/readyz")
    assert (reply.status_code, reply.json()["status"]) == (200, "degraded")
    assert "its copy in the database serves" in reply.json()["why"]
    assert score(api, application) == 201


@SPOILS
def test_a_new_worker_serves_from_the_copy_and_tells(place, api, application, client, spoil):
    spoil(place)
    reset_process_state()
    assert score(api, application) == 201
    assert client.get("/readyz").json()["checks"]["model"] == "degraded"


def test_the_same_probability_comes_from_the_copy(place, api, application):
    path = "/api/v1/predictions/"
    before = api.post(path, application).json()["approval_probability"]
    lose(place)
    reset_process_state()
    assert api.post(path, application).json()["approval_probability"] == before


@pytest.mark.parametrize("name", FILES)
def test_a_copy_that_was_changed_is_not_loaded(place, api, application, name, active_version):
    lose(place)
    active_version.artefact_files.filter(name=name).update(content=b"{}")
    assert score(api, application) == 503


def test_a_copy_of_another_version_is_not_loaded(place, api, application, active_version):
    lose(place)
    ModelVersion.objects.filter(pk=active_version.pk).update(digest="0" * 64)
    assert score(api, application) == 503


def test_a_version_whose_file_is_lost_is_not_activated_until_it_is_restored(register, artefacts):
    version = register()
    lose(artefacts / version.artefact)
    with pytest.raises(Exception, match="cannot be read"):
        registry.activate(version_id=version.pk, by=None, reason="test")
    run("restore_artefacts")
    assert registry.activate(version_id=version.pk, by=None, reason="test") == version


@SPOILS
def test_a_command_writes_the_file_again(place, client, spoil, active_version):
    spoil(place)
    assert "restored" in run("restore_artefacts", str(active_version.pk))[0]
    assert client.get("/readyz").json()["status"] == "ok"
    assert "the artefact is intact" in run("restore_artefacts")[0]


def test_a_version_without_a_copy_cannot_be_restored(place, active_version):
    lose(place)
    ArtefactFile.objects.all().delete()
    with pytest.raises(CommandError, match=f"Not restored: {active_version.pk}"):
        run("restore_artefacts")


def test_an_update_copies_the_files_that_can_be_trusted(register, artefacts, settings, tmp_path):
    good, spoiled, lost = register(), register(), register()
    ArtefactFile.objects.all().delete()
    truncate(artefacts / spoiled.artefact)
    lose(artefacts / lost.artefact)
    importlib.import_module("predictions.migrations.0027_artefact_files").fill(apps, None)
    assert sorted(ArtefactFile.objects.values_list("version", "name")) == [(good.pk, name) for name in FILES]


def test_prepare_copies_what_an_older_program_registered(active_version, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    ArtefactFile.objects.all().delete()
    run("prepare")
    assert active_version.artefact_files.count() == len(FILES)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_migrations_go_back_and_forth():
    call_command("migrate", "predictions", "0022", verbosity=0)
    call_command("migrate", "predictions", verbosity=0)
    assert not ArtefactFile.objects.exists()
