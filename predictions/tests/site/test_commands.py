"""The command line: what operators type, and what they read."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from knox.models import AuthToken

from ml.products.loan_prediction.sample import write_sample
from predictions.models import ModelVersion, TrainingFile
from predictions.roles import Role
from predictions.services.accounts import DEMO_ACCOUNTS, create_demo_accounts
from predictions.services.versions import registry
from predictions.tests.helpers.api import ApiClient


def run(*arguments, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    write_sample(path)
    return path


@pytest.fixture
def small_table(tmp_path):
    """Enough to train on where the figures do not count."""
    path = tmp_path / "table.csv"
    write_sample(path, rows=120)
    return path


@pytest.mark.slow
def test_train_activates_and_prints_figures_beside_the_baselines(db, artefacts, small_table):
    out, _ = run("train", data=small_table, activate=True)
    assert "one rule: credit history" in out
    assert "majority class" in out
    assert ModelVersion.objects.active().get().data_name == "table.csv"


@pytest.mark.slow
def test_train_leaves_a_candidate_and_says_that_sample_data_is_synthetic(db, artefacts, small_table):
    assert "Trained on synthetic sample data" in run("train", data=small_table)[0]
    version = ModelVersion.objects.get()
    assert (version.synthetic, version.status) == (True, ModelVersion.Status.CANDIDATE)


def test_train_refuses_a_bad_file_and_leaves_nothing(db, artefacts, table):
    table.write_text(table.read_text().replace("Urban", "Moon", 1))
    with pytest.raises(CommandError, match=r"column Property_Area, value 'Moon'"):
        run("train", data=table)
    assert not ModelVersion.objects.exists()
    assert not artefacts.exists()


def test_activate_model_switches_with_a_reason(active_version, trained):
    other = registry.register(trained=trained, by=None)
    run("activate_model", str(other.pk), reason="better calibrated")
    assert ModelVersion.objects.active().get().reason == "better calibrated"


def test_activate_model_names_the_versions_there_are(active_version):
    with pytest.raises(CommandError, match=rf"no version 999; known: {active_version.pk}"):
        run("activate_model", "999", reason="x")


def test_a_new_token_stands_alone_on_standard_output_and_works(active_version, user_with):
    user_with(Role.API_CLIENT, "robot")
    out, err = run("create_api_token", "robot")
    api = ApiClient()
    api.headers = {"Authorization": f"Token {out.strip()}"}
    assert api.get("/api/v1/predictions/").status_code == 200
    assert "It is shown only once" in err


def test_a_token_for_nobody_is_refused(db):
    with pytest.raises(CommandError, match="no user 'nobody'"):
        run("create_api_token", "nobody")


@pytest.mark.slow
def test_prepare_makes_accounts_a_token_and_a_model_once(db, artefacts, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    first, _ = run("prepare")
    second, _ = run("prepare")
    assert set(get_user_model().objects.values_list("username", flat=True)) == set(DEMO_ACCOUNTS)
    assert "API token of client, shown only once" in first
    assert "one rule: credit history" in first
    assert "majority class" in first
    assert (ModelVersion.objects.count(), AuthToken.objects.count()) == (1, 1)
    assert "shown only once" not in second


def test_prepare_names_accounts_and_the_way_to_a_token_every_time(active_version, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    create_demo_accounts()
    said, _ = run("prepare")
    assert f"Demo accounts: {' '.join(DEMO_ACCOUNTS)}; password loansite-demo" in said
    assert "create_api_token client" in said


@pytest.mark.slow
def test_prepare_trains_on_given_data_that_the_active_model_did_not_see(
    active_version, settings, tmp_path, small_table
):
    settings.STATIC_ROOT = tmp_path / "static"
    run("prepare", data=small_table)
    assert ModelVersion.objects.active().get().data_name == "table.csv"


def test_demo_accounts_are_refused_in_production(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(PermissionError):
        create_demo_accounts()


@pytest.fixture
def production(db, artefacts, settings, tmp_path):
    settings.PRODUCTION, settings.STATIC_ROOT = True, tmp_path / "static"


def test_prepare_makes_no_model_of_made_up_data_in_production(production, client, settings):
    out, _ = run("prepare")
    assert "No model was trained" in out
    assert settings.STATIC_ROOT.exists()
    assert not ModelVersion.objects.exists()
    assert client.get("/readyz").json()["checks"]["model"] == "no_model"


@pytest.mark.slow
def test_prepare_trains_on_given_data_in_production(production, small_table):
    run("prepare", data=small_table)
    assert ModelVersion.objects.active().exists()


def test_train_draws_no_sample_in_production(production):
    with pytest.raises(CommandError, match="Name a table with --data FILE"):
        run("train", activate=True)
    assert not TrainingFile.objects.exists()
