"""A Loan_ID of a product belongs to one application among the staff; each other account has its own."""

import unicodedata

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from predictions.models import Batch, Prediction
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import finished, lines, table
from predictions.tests.helpers.pages import words

URL = "/api/v1/predictions/"
REFUSED = "This Loan_ID belongs to another officer's application; a reviewer can open it"
pytestmark = pytest.mark.usefixtures("active_version")


@pytest.fixture
def taken(client_of, application):
    """An application of an officer."""
    owner = client_of(Role.OFFICER, "owner")
    return Prediction.objects.get(pk=ApiClient(owner.user).post(URL, application).json()["id"])


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def api(officer):
    return ApiClient(officer.user)


def codes(reply):
    return [(error["code"], error.get("index")) for error in reply.json()["errors"]]


def test_the_form_scores_nothing_under_a_colleagues_id(taken, officer, entries):
    reply = officer.post("/score/", entries)
    assert (reply.status_code, Prediction.objects.count()) == (422, 1)
    assert REFUSED in words(reply)
    assert f"/applications/{taken.pk}/" not in reply.content.decode()


def test_who_sees_all_cases_is_led_to_the_application(taken, client_of, entries):
    page = client_of(Role.REVIEWER).post("/score/", entries).content.decode()
    assert f'<a href="/applications/{taken.pk}/">It is owner&#x27;s application: open it</a>' in page


def test_one_object_is_refused_with_the_code(taken, api, application):
    reply = api.post(URL, application)
    [error] = reply.json()["errors"]
    assert (reply.status_code, error["code"], error["detail"]) == (409, "loan_id_taken", REFUSED)
    assert Prediction.objects.count() == 1


def test_a_reviewers_program_gets_the_newest_prediction(taken, user_with, application):
    [error] = ApiClient(user_with(Role.REVIEWER)).post(URL, application).json()["errors"]
    assert (error["code"], error["id"]) == ("loan_id_taken", taken.pk)


def test_an_array_refuses_that_row_alone(taken, api, application):
    rows = [application | {"Loan_ID": "A"}, application | {"LoanAmount": 0}, application]
    rows[1]["Loan_ID"] = "B"
    reply = api.post(URL, rows)
    assert [row["Loan_ID"] for row in reply.json()["predictions"]] == ["A"]
    assert codes(reply) == [("min_value", 1), ("loan_id_taken", 2)]


def test_an_atomic_array_scores_nothing(taken, api, application):
    reply = api.post(f"{URL}?atomic=true", [application | {"Loan_ID": "A"}, application])
    assert (reply.status_code, reply.json()["refused"], codes(reply)) == (400, 2, [("loan_id_taken", 1)])
    assert Prediction.objects.count() == 1


def test_a_check_alone_names_the_taken_row_too(taken, api, application):
    reply = api.post(f"{URL}?validate_only=true", [application | {"Loan_ID": "A"}, application])
    assert (reply.json()["valid"], codes(reply)) == (1, [("loan_id_taken", 1)])


def test_the_articles_endpoint_refuses_the_call(taken, api, application):
    reply = api.post("/predict", [application | {"Loan_ID": "A"}, application])
    assert (reply.status_code, codes(reply)) == (400, [("loan_id_taken", 1)])
    assert Prediction.objects.count() == 1


def test_a_batch_lists_the_taken_row_with_its_line(taken, api):
    batch = finished(api, table("A", "LP001015", "B"))
    assert (batch["scored"], batch["refused"]) == (2, 1)
    [line] = lines(Client().get(f"/api/v1/batches/{batch['id']}/errors.csv", headers=api.headers))[1:]
    assert line.startswith("3,LP001015,Loan_ID,LP001015,loan_id_taken: This Loan_ID belongs")
    assert Batch.objects.get().status == "finished"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_each_spelling_of_an_id_is_the_same_id(taken, api, application, form):
    Prediction.objects.filter(pk=taken.pk).update(loan_id=unicodedata.normalize(form, "Zoë-1"))
    for other in ("NFC", "NFD"):
        row = application | {"Loan_ID": unicodedata.normalize(other, "Zoë-1")}
        assert api.post(URL, row).status_code == 409


def test_who_has_an_application_of_that_id_already_goes_on(taken, api, application):
    api.post(URL, application | {"Loan_ID": "A"})
    Prediction.objects.filter(owner=api.user).update(loan_id="LP001015")  # as before this rule
    assert api.post(URL, application).status_code == 201
    assert api.post(URL, [application]).status_code == 200


def test_an_api_client_has_ids_of_its_own_until_an_admin_lets_it_share(taken, user_with, application):
    client = user_with(Role.API_CLIENT)
    assert ApiClient(client).post(URL, application).status_code == 201
    zoe = user_with(Role.API_CLIENT, "zoe")
    zoe.user_permissions.add(Permission.objects.get(codename="share_staff_ids"))
    assert ApiClient(zoe).post(URL, application).status_code == 409


def test_the_applications_of_an_account_that_left_keep_their_ids(taken, api, application):
    taken.owner.is_active = False
    taken.owner.save()
    assert api.post(URL, application).status_code == 409


def test_who_is_no_officer_any_more_keeps_no_id_from_the_staff(taken, api, application):
    taken.owner.groups.clear()
    assert api.post(URL, application).status_code == 201
