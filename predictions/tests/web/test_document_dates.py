"""What leaves the house names the site's days and times, whatever zone the browser of its writer is in."""

from datetime import UTC, datetime

import pytest

from predictions.models import Activation, Decision, ModelVersion, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.versions import registry
from predictions.tests.helpers.pages import words
from predictions.tests.helpers.replays import mirrored
from predictions.words.times import ZONE_COOKIE

LATE = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)


@pytest.fixture
def reviewer(client_of, active_version):
    client = client_of(Role.REVIEWER)
    client.cookies[ZONE_COOKIE] = "Europe/Berlin"
    return client


@pytest.fixture
def manager(client_of, active_version):
    client = client_of(Role.ADMIN)
    client.cookies[ZONE_COOKIE] = "Europe/Berlin"
    return client


@pytest.fixture
def case(reviewer, entries):
    """An application that was scored and denied when it was the next day in Berlin already."""
    reviewer.post("/score/", entries | {"credit_history": "0", "loan_amount": "400"})
    prediction = Prediction.objects.get()
    decisions.decide(prediction=prediction, by=reviewer.user, verdict="denied")
    Prediction.objects.update(created_at=LATE)
    Decision.objects.update(at=LATE)
    ModelVersion.objects.update(created_at=LATE)
    Activation.objects.update(at=LATE)
    return f"/predictions/{prediction.pk}"


def body(reply):
    return b"".join(reply).decode()


def test_the_letter_has_the_sites_dates(reviewer, case):
    letter = words(reviewer.get(f"{case}/notice/"))
    assert "Date of application: 27 November 2026" in letter
    assert "A person decided this on 27 November 2026" in letter


def test_the_letter_is_due_thirty_days_after_the_sites_date(reviewer, case):
    page = words(reviewer.get(f"{case}/notice/"))
    assert "Due 27 Dec 2026" in page
    assert "Date of application 27 Nov 2026" in page


def test_the_explanation_sheet_has_the_sites_dates(reviewer, case):
    sheet = words(reviewer.get(f"{case}/explanation/"))
    assert "Decision: denied by a person on 27 Nov 2026" in sheet
    assert "Scored 27 Nov 2026, 23:30 UTC" in sheet


@pytest.mark.parametrize("page", ["notice/", "explanation/"])
def test_a_document_says_whose_times_it_has(reviewer, case, page):
    assert "Times: UTC (the site's time zone)" in words(reviewer.get(f"{case}/{page}"))
    assert "Times: Europe/Berlin" in words(reviewer.get(f"{case}/"))


@pytest.mark.parametrize("page", ["card/", "card.md"])
def test_the_model_card_has_the_times_of_another_site(manager, case, page, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    version = ModelVersion.objects.get().pk
    assert manager.get(f"/models/{version}/{page}").content.decode().count("2026-11-28 08:30 JST") == 2


def test_the_files_have_the_times_of_another_site(manager, case, settings, trained):
    settings.TIME_ZONE = "Asia/Tokyo"
    candidate = registry.register(trained=mirrored(trained), by=None).pk
    files = [
        "/history.csv",
        "/policies/simulator.csv?threshold=0&newest=all",
        f"/models/{candidate}/replay.csv",
    ]
    written = {file: body(manager.get(file)).count("2026-11-28T08:30:00+09:00") for file in files}
    assert list(written.values()) == [2, 1, 1]
