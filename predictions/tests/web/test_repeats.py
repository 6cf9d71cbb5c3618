"""A second click, or the same form sent again: one effect, and the page of the first."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ml.products.loan_prediction.sample import write_sample
from predictions.models import Activation, AuditRecord, Batch, Claim, Notice, Policy, Prediction, TrainingRun
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.versions import training_files
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import table
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.usefixtures("active_version")


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def manager(client_of):
    return client_of(Role.MODEL_MANAGER)


@pytest.fixture
def admin(client_of):
    return client_of(Role.ADMIN)


def token_of(client, page):
    found = re.search(r'name="form_token" value="(.+?)"', client.get(page).content.decode())
    return {"form_token": found[1]}


def targets(client, page, *forms):
    return [client.post(page, form).headers["Location"] for form in forms]


def test_a_form_that_is_sent_twice_makes_one_prediction(officer, entries):
    form = entries | {"loan_id": ""} | token_of(officer, "/score/")
    first, second = targets(officer, "/score/", form, form)
    assert first == second == f"/applications/{Prediction.objects.get().pk}/"


def test_an_application_that_is_scored_again_twice_by_one_form_is_so_once(officer, entries):
    officer.post("/score/", entries)
    shown = officer.post("/score/", entries).content.decode()
    form = entries | dict(re.findall(r'name="(form_token|newest_seen)" value="(.+?)"', shown))
    assert len(set(targets(officer, "/score/", form, form))) == 1
    assert Prediction.objects.count() == 2


def test_the_same_values_in_another_tab_are_scored_again(officer, entries):
    forms = [entries | {"loan_id": ""} | token_of(officer, "/score/") for _ in range(2)]
    first, second = targets(officer, "/score/", *forms)
    assert (first == second, Prediction.objects.count()) == (False, 2)


def test_a_form_that_comes_again_with_other_values_is_scored_again_each_time(officer, entries):
    form = entries | {"loan_id": ""} | token_of(officer, "/score/")
    changed = form | {"loan_amount": "90"}
    targets(officer, "/score/", form, changed, changed, form)
    assert Prediction.objects.count() == 3


def test_a_refused_form_takes_nothing_from_the_next_one(officer, entries):
    form = entries | token_of(officer, "/score/")
    assert officer.post("/score/", form | {"loan_amount": "x"}).status_code == 422
    assert officer.post("/score/", form).status_code == 302
    assert Prediction.objects.count() == 1


def test_a_token_is_of_one_user(officer, client_of, entries):
    form = entries | {"loan_id": ""} | token_of(officer, "/score/")
    other = client_of(Role.OFFICER, "zoe")
    assert targets(officer, "/score/", form) != targets(other, "/score/", form)


def test_a_file_that_is_sent_twice_is_one_batch(officer):
    token = token_of(officer, "/batches/")
    sent = [
        officer.post("/batches/", token | {"file": SimpleUploadedFile("a.csv", table("A"))}) for _ in range(2)
    ]
    assert [reply.headers["Location"] for reply in sent] == [f"/batches/{Batch.objects.get().pk}/"] * 2


def test_a_training_on_a_stored_file_that_is_asked_for_twice_is_one(manager, stored):
    form = token_of(manager, "/models/training/") | {"stored": stored.pk, "recipe": "scorecard"}
    targets(manager, "/models/training/", form, form)
    assert TrainingRun.objects.count() == 1


@pytest.mark.parametrize(("kind", "use"), [("models/training", "train"), ("batches", "score")])
def test_a_shown_file_that_is_used_twice_is_used_once(admin, tmp_path, kind, use):
    write_sample(tmp_path / "t.csv")
    form = {"recipe": "scorecard", "upload": content_of(tmp_path), "file": content_of(tmp_path)}
    send_to = f"/{kind}/" if use == "train" else f"/{kind}/preview/"
    page = admin.post(send_to, form).headers["Location"]
    form = token_of(admin, page) | {use: "1"}
    places = {admin.post(page, form).headers["Location"] for _ in range(2)}
    assert (len(places), TrainingRun.objects.count() + Batch.objects.count()) == (1, 1)


def content_of(folder):
    return SimpleUploadedFile("t.csv", (folder / "t.csv").read_bytes())


@pytest.fixture
def stored(tmp_path):
    write_sample(tmp_path / "t.csv")
    content = (tmp_path / "t.csv").read_bytes()
    return training_files.store_training_file(name="t.csv", content=content, by=None)


@pytest.mark.parametrize("kind", ["batches", "models/training"])
def test_what_is_cancelled_twice_is_cancelled(officer, manager, stored, kind):
    if kind == "batches":
        by = officer
        place = by.post("/batches/", {"file": SimpleUploadedFile("a.csv", table("A"))}).headers["Location"]
    else:
        by = manager
        form = {"stored": stored.pk, "recipe": "scorecard"}
        place = by.post("/models/training/", form).headers["Location"]
    for _ in range(2):
        assert by.post(f"{place}cancel/", follow=True).status_code == 200


def test_a_letter_that_is_saved_twice_is_saved_once(officer, entries):
    officer.post("/score/", entries | {"credit_history": "0", "loan_amount": "400"})
    case = Prediction.objects.get()
    decisions.decide(prediction=case, by=officer.user, verdict="denied")
    for _ in range(2):
        reply = officer.post(f"/predictions/{case.pk}/notice/", {"text": "Dear Ms Lee", "after": "0"})
        assert reply.status_code == 303
    assert Notice.objects.count() == 1


def test_a_case_that_is_claimed_or_released_twice_is_so_once(officer, entries):
    officer.post("/score/", entries | {"credit_history": ""})
    case = f"/predictions/{Prediction.objects.get().pk}/"
    for act in ("claim", "claim", "release", "release"):
        assert officer.post(f"{case}{act}/").status_code == 303
    assert Claim.objects.count() == 1
    assert AuditRecord.objects.filter(action__in=["claim", "release"]).count() == 2


def test_a_version_that_is_activated_twice_by_page_and_api_is_activated_once(manager, register):
    version, reason = register(), {"reason": "Agreed on 3 March"}
    for _ in range(2):
        reply = manager.post(f"/models/{version.pk}/activate/", reason)
        assert reply.headers["Location"] == f"/models/{version.pk}/"
    api = ApiClient(manager.user)
    assert api.post(f"/api/v1/models/{version.pk}/activate/", reason).status_code == 200
    assert api.post(f"/api/v1/models/{version.pk}/activate/", {"reason": "Another"}).status_code == 409
    assert Activation.objects.filter(version=version).count() == 1


def test_a_policy_that_is_adopted_twice_is_adopted_once(manager):
    wish = {"threshold": "55", "reason": "Losses", "replaces": str(Policy.objects.newest().pk)}
    for _ in range(2):
        assert manager.post("/policies/change/", wish).status_code == 303
    assert Policy.objects.count() == 2
    assert "was adopted meanwhile" in words(manager.post("/policies/change/", wish | {"reason": "Other"}))
