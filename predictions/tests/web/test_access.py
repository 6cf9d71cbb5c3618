"""Who sees which page, and what navigation offers."""

import re

import pytest

from predictions.models import Prediction
from predictions.roles import Role

pytestmark = pytest.mark.usefixtures("active_version")
OFFERED = {
    Role.OFFICER: ["/", "/score/", "/batches/", "/queue/", "/history/", "/models/", "/policies/"],
    Role.REVIEWER: ["/", "/score/", "/batches/", "/queue/", "/history/", "/models/", "/policies/", "/admin/"],
    Role.MODEL_MANAGER: ["/", "/models/", "/policies/", "/admin/"],
    Role.AUDITOR: ["/", "/batches/", "/history/", "/models/", "/policies/", "/admin/"],
    Role.ADMIN: ["/", "/score/", "/batches/", "/queue/", "/history/", "/models/", "/policies/", "/admin/"],
    Role.API_CLIENT: ["/", "/score/", "/batches/", "/history/"],
}


@pytest.fixture
def others(client_of, entries):
    """A prediction of an officer called zoe."""
    client_of(Role.OFFICER, "zoe").post("/score/", entries)
    return Prediction.objects.get()


@pytest.mark.slow
@pytest.mark.parametrize("role", Role)
def test_navigation_offers_what_the_role_may_do_and_it_opens(client_of, role):
    client = client_of(role)
    nav = re.search("<nav.*?</nav>", client.get("/").content.decode(), re.S)[0]
    offered = re.findall('href="(.*?)"', nav)
    assert offered == OFFERED[role]
    assert {client.get(page).status_code for page in offered} == {200}


@pytest.mark.parametrize("role", [Role.MODEL_MANAGER, Role.AUDITOR])
def test_who_may_not_score_gets_403_on_the_form(client_of, role, entries):
    client = client_of(role)
    assert client.get("/score/").status_code == 403
    assert client.post("/score/", entries).status_code == 403
    assert not Prediction.objects.exists()


def test_a_manager_sees_no_predictions(client_of, others):
    client = client_of(Role.MODEL_MANAGER)
    assert client.get("/history/").status_code == 403
    assert client.get(f"/predictions/{others.pk}/").status_code == 403


@pytest.mark.parametrize("role", [Role.OFFICER, Role.API_CLIENT])
def test_another_owners_prediction_is_404(client_of, others, role):
    client = client_of(role)
    assert client.get(f"/predictions/{others.pk}/").status_code == 404
    assert "LP001015" not in client.get("/history/").content.decode()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.ADMIN])
def test_who_may_see_all_sees_whose_prediction_it_is(client_of, others, role):
    client = client_of(role)
    assert "zoe" in client.get(f"/predictions/{others.pk}/").content.decode()
    assert "zoe" in client.get("/history/").content.decode()


def test_nobody_is_offered_to_rescore_anothers_prediction(client_of, others):
    assert "?again=" not in client_of(Role.REVIEWER).get(f"/predictions/{others.pk}/").content.decode()


def test_an_auditor_is_not_offered_to_score(client_of, others):
    client = client_of(Role.AUDITOR)
    for page in ("/", "/history/", f"/predictions/{others.pk}/"):
        assert 'href="/score/' not in client.get(page).content.decode()


@pytest.mark.parametrize("pk", ["0", "-1", "9" * 30, "9" * 5000, "%00", "x"])
def test_a_bad_id_is_404(client_of, pk):
    assert client_of(Role.OFFICER).get(f"/predictions/{pk}/").status_code == 404


def test_an_account_without_a_role_is_told_so(client_of):
    client = client_of(Role.OFFICER)
    client.user.groups.clear()
    assert "Your account has no role yet" in client.get("/").content.decode()
