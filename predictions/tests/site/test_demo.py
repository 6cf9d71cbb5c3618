"""The demo: a year of made-up work that one command makes and another takes out."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.models import (
    Activation,
    Applicant,
    AuditRecord,
    Claim,
    Decision,
    Explanation,
    ModelVersion,
    Notice,
    Policy,
    Prediction,
)
from predictions.services.demo import demo, marks
from predictions.services.demo.removal import remove_demo
from predictions.services.scoring import scoring
from predictions.services.versions import registry

BANNER = "Demo site: all applicants"
ROWS = [Applicant, Prediction, Explanation, Decision, Claim, Notice, ModelVersion, Activation, Policy]


@pytest.fixture
def fill(db, artefacts, trained):
    """Fill a demo of 60 applicants; both versions are the one model that tests share."""
    return lambda: demo.store_demo(models=[trained, trained], applicants=60)


@pytest.fixture
def score(application):
    def make(name="officer"):
        owner = get_user_model().objects.get_or_create(username=name)[0]
        records = [read_json_row(built_in(), application)]
        facts = {"source": Prediction.Source.FORM, "request_id": "t", "records": records}
        return scoring.score_records(owner=owner, **facts)[0].id

    return make


def policies():
    return list(Policy.objects.order_by("pk").values())


def counts():
    return {model.__name__: model.objects.count() for model in ROWS}


def signed_in(name):
    client = Client()
    client.force_login(get_user_model().objects.get(username=name))
    return client


def command(*arguments):
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_a_demo_has_a_year_of_predictions_of_two_versions_and_policies(fill):
    assert fill() >= 60
    assert set(Prediction.objects.values_list("source", flat=True)) == {"demo"}
    ages = [timezone.now() - at for at in Prediction.objects.values_list("created_at", flat=True)]
    assert max(ages) > timedelta(days=300)
    assert Prediction.objects.order_by().values("model_version", "policy").distinct().count() == 3


@pytest.mark.slow
def test_everything_in_a_demo_happens_in_the_order_of_its_time(fill):
    fill()
    for model, at in ((Prediction, "created_at"), (Decision, "at"), (Activation, "at")):
        times = list(model.objects.order_by("pk").values_list(at, flat=True))
        assert times == sorted(times)
    live = {p.pk: Activation.objects.live_on(p.created_at).get().version_id for p in Prediction.objects.all()}
    assert live == dict(Prediction.objects.values_list("pk", "model_version"))


@pytest.mark.slow
def test_every_policy_ends_after_it_began_and_before_the_next_one(fill):
    fill()
    times = list(Policy.objects.order_by("pk").values_list("at", flat=True))
    assert len(times) > 2
    assert times == sorted(times)


@pytest.mark.slow
def test_a_demo_tells_how_much_of_it_is_stored(trained, db, artefacts):
    told = []
    demo.store_demo(models=[trained, trained], applicants=60, progress=told.append)
    assert told == sorted(told)
    assert 0 <= told[0] < 0.1
    assert 0.9 < told[-1] <= 1


@pytest.mark.slow
def test_a_demo_has_waiting_cases_claims_and_decisions_with_words(fill):
    fill()
    assert 0 < Prediction.objects.waiting().count() <= 10
    assert Claim.objects.filter(ended_at=None).exists()
    assert Decision.objects.filter(by__username="reviewer").exists()
    assert not Decision.objects.filter(override=True, note="").exists()


def test_removing_a_demo_leaves_the_database_as_it_was(fill, artefacts):
    before, policies_before = counts(), policies()
    fill()
    assert remove_demo().predictions >= 60
    assert (counts(), policies()) == (before, policies_before)
    assert list(artefacts.iterdir()) == []
    assert AuditRecord.objects.filter(action="demo removal").exists()


@pytest.mark.slow
def test_after_the_removal_the_version_of_before_is_active_again(active_version, fill):
    before = ModelVersion.objects.values().get()
    fill()
    assert ModelVersion.objects.active().get() != active_version
    assert Activation.objects.live_on(timezone.now()).get().version == ModelVersion.objects.active().get()
    remove_demo()
    assert ModelVersion.objects.values().get() == before


@pytest.mark.slow
def test_what_people_did_on_a_demo_site_stays(fill, score):
    fill()
    version, policy = ModelVersion.objects.active().get(), Policy.objects.newest()
    own = score()
    removed = remove_demo()
    assert Prediction.objects.get().pk == own
    assert (removed.kept_versions, policy.pk in removed.kept_policies) == ([version.pk], True)
    assert not ModelVersion.objects.active().exists()
    assert not marks.demo_policies().filter(pk=Policy.objects.newest().pk).exists()


@pytest.mark.slow
def test_a_version_that_people_activated_after_the_demo_stays_active(fill, trained):
    fill()
    own = registry.register(trained=trained, by=None)
    registry.activate(version_id=own.pk, by=None, reason="ours")
    remove_demo()
    assert ModelVersion.objects.active().get() == ModelVersion.objects.get() == own


@pytest.mark.slow
def test_every_page_says_that_a_site_holds_a_demo_until_it_is_out(fill):
    fill()
    admin = signed_in("admin")
    case = Prediction.objects.first().pk
    pages = ["/", "/score/", "/history/", f"/predictions/{case}/", "/models/", "/admin/"]
    assert [page for page in pages if BANNER not in admin.get(page).content.decode()] == []
    remove_demo()
    assert BANNER not in admin.get("/").content.decode()


@pytest.mark.slow
def test_a_second_demo_says_that_it_is_there_already(fill):
    fill()
    with pytest.raises(CommandError, match="The demo exists already"):
        command()


def test_a_demo_is_refused_among_predictions_of_others(active_version, score):
    score()
    with pytest.raises(CommandError, match="contains other predictions"):
        command()
    assert Prediction.objects.count() == 1


def test_a_demo_is_refused_in_place_of_a_version_of_real_data(active_version):
    ModelVersion.objects.update(synthetic=False)
    with pytest.raises(CommandError, match="trained on real data"):
        command()


def test_a_demo_is_refused_in_production(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="LOANSITE_ENV is production"):
        command()


def test_a_demo_that_fails_half_way_leaves_nothing(fill, trained, artefacts):
    before, policies_before = counts(), policies()
    with pytest.raises(IndexError):
        demo.store_demo(models=[trained], applicants=60)
    assert (counts(), policies()) == (before, policies_before)


@pytest.mark.slow
def test_the_command_takes_the_demo_out_and_says_what_to_do_without_a_model(fill):
    fill()
    said = command("--remove")
    assert "Demo deleted" in said
    assert "make run trains one" in said


def test_a_number_of_applicants_below_one_is_refused(db):
    with pytest.raises(CommandError, match="--applicants is 0; expected a whole number from 1"):
        command("--applicants", "0")
