"""The page of an application: its newest prediction, at the number of its first."""

import pytest

from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.helpers.pages import words


@pytest.fixture
def officer(client_of, active_version):
    return client_of(Role.OFFICER)


@pytest.fixture
def score(officer, entries):
    def make(**changes):
        officer.post("/score/", entries | changes)
        return Prediction.objects.first()

    return make


def test_an_application_is_shown_as_its_newest_prediction(officer, score):
    first, newest = score(), score(credit_history="0")
    page = officer.get(f"/applications/{first.pk}/").content.decode()
    assert f'action="/predictions/{newest.pk}/decide/"' in page
    assert "Outdated" not in words(page)


def test_the_id_of_a_later_prediction_leads_to_the_application(officer, score):
    first, newest = score(), score()
    reply = officer.get(f"/applications/{newest.pk}/")
    assert (reply.status_code, reply.headers["Location"]) == (302, f"/applications/{first.pk}/")


def test_every_address_of_an_application_names_one_page_as_the_one_to_keep(officer, score):
    first, newest = score(), score()
    canonical = f'<link rel="canonical" href="/applications/{first.pk}/">'
    addresses = [f"/applications/{first.pk}/", f"/predictions/{first.pk}/", f"/predictions/{newest.pk}/"]
    assert all(canonical in officer.get(address).content.decode() for address in addresses)


def test_what_is_done_on_a_later_prediction_leads_back_to_the_application(officer, score):
    first, newest = score(), score()
    sent = {"after": "0", "verdict": "approved" if newest.approved else "denied"}
    reply = officer.post(f"/predictions/{newest.pk}/decide/", sent)
    assert reply.headers["Location"] == f"/applications/{first.pk}/"


def test_the_history_marks_an_earlier_assessment_and_leads_to_it(officer, score):
    first, _ = score(), score()
    page = officer.get("/history/").content.decode()
    assert page.count(f'href="/applications/{first.pk}/"') == 2
    assert page.count(f'href="/predictions/{first.pk}/"') == 1


def test_a_number_that_is_no_applications_is_404(officer, score):
    assert officer.get(f"/applications/{score().pk + 1}/").status_code == 404
