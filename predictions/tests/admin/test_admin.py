"""The admin: search, filters, figures, and one action that goes through the service."""

from datetime import timedelta

import pytest

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.models import ModelVersion, Prediction
from predictions.roles import Role
from predictions.services.scoring import scoring
from predictions.services.versions import registry
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import finished, table
from predictions.tests.helpers.pages import words

PREDICTIONS = "/admin/predictions/prediction/"
VERSIONS = "/admin/predictions/modelversion/"


@pytest.fixture
def scored(active_version, user_with, application):
    officer = ApiClient(user_with(Role.OFFICER))
    rows = [application | {"Loan_ID": f"LP{n:03}", "Credit_History": n % 2} for n in range(40)]
    return officer.post("/api/v1/predictions/", rows).json()["predictions"]


@pytest.fixture
def reviewer(client_of):
    return client_of(Role.REVIEWER)


def test_predictions_are_found_by_the_beginning_of_a_loan_id(scored, reviewer):
    page = reviewer.get(PREDICTIONS, {"q": "LP00"})
    assert page.context["cl"].result_count == 10


@pytest.mark.parametrize(
    ("query", "found"),
    [({"outcome__exact": "denied"}, 20), ({"source__exact": "form"}, 0), ({"source__exact": "api"}, 40)],
)
def test_predictions_are_filtered(scored, reviewer, query, found):
    assert reviewer.get(PREDICTIONS, query).context["cl"].result_count == found


def sorted_by(client, column):
    columns = client.get(PREDICTIONS).context["cl"].list_display
    return list(client.get(PREDICTIONS, {"o": columns.index(column)}).context["cl"].result_list)


@pytest.mark.parametrize("column", ["id", "loan_id", "outcome", "percent", "version", "source", "owner"])
def test_an_address_sorts_by_no_column_that_would_read_every_prediction(scored, reviewer, column):
    assert sorted_by(reviewer, column) == list(reviewer.get(PREDICTIONS).context["cl"].result_list)


def test_predictions_are_sorted_by_time_in_both_directions(scored, reviewer):
    earliest = Prediction.objects.latest("pk")
    Prediction.objects.filter(pk=earliest.pk).update(created_at=earliest.created_at - timedelta(days=1))
    assert reviewer.get(PREDICTIONS).context["cl"].result_list[39] == earliest
    assert sorted_by(reviewer, "created_at")[0] == earliest


def test_the_list_takes_the_same_queries_however_long(scored, reviewer, django_assert_max_num_queries):
    reviewer.get(PREDICTIONS)
    with django_assert_max_num_queries(12):
        reviewer.get(PREDICTIONS)


def test_a_long_list_says_that_there_are_more_and_leads_on(active_version, user_with, reviewer, application):
    rows = [read_json_row(built_in(), application | {"Loan_ID": f"LP{n}"}) for n in range(1_102)]
    facts = {"source": Prediction.Source.API, "request_id": "r"}
    scoring.score_records(owner=user_with(Role.OFFICER), records=rows, **facts)
    first, later = reviewer.get(PREDICTIONS), reviewer.get(PREDICTIONS, {"p": "12"})
    assert "more than 1100 predictions" in words(first)
    assert "1102 predictions" in words(later)
    assert "more than" not in words(later)
    assert [row.loan_id for row in later.context["cl"].result_list] == ["LP1", "LP0"]


def test_the_years_of_the_predictions_are_offered(scored, reviewer):
    first, last = Prediction.objects.order_by("pk")[:2]
    Prediction.objects.filter(pk=first.pk).update(created_at=last.created_at - timedelta(days=366))
    page = reviewer.get(PREDICTIONS, {"outcome__exact": "denied"}).content.decode()
    assert f"created_at__year={last.created_at.year - 1}" in page
    assert f"created_at__year={last.created_at.year}" in page


def test_applicants_are_filtered_by_their_last_score(scored, reviewer):
    newest = Prediction.objects.latest("pk")
    Prediction.objects.exclude(pk=newest.pk).update(created_at=newest.created_at - timedelta(days=40))
    since = {"updated_at__gte": str(newest.created_at - timedelta(days=7))}
    page = reviewer.get("/admin/predictions/applicant/", since)
    assert [row.loan_id for row in page.context["cl"].result_list] == [newest.loan_id]


def test_a_prediction_is_shown_whole(scored, reviewer):
    page = reviewer.get(f"{PREDICTIONS}{scored[0]['id']}/change/")
    assert scored[0]["request_id"] in page.content.decode()


def test_batches_are_listed_with_what_became_of_their_rows(active_version, user_with, reviewer):
    finished(ApiClient(user_with(Role.OFFICER)), table("A", "B", "B"))
    page = reviewer.get("/admin/predictions/batch/").content.decode()
    assert 'field-scored">1<' in page
    assert 'field-refused">2<' in page


def test_a_superuser_cannot_change_a_prediction_either(scored, admin_client):
    path = f"{PREDICTIONS}{scored[0]['id']}"
    assert admin_client.post(f"{path}/change/", {"outcome": "approved"}).status_code == 403
    assert admin_client.post(f"{path}/delete/", {"post": "yes"}).status_code == 403


def activate(client, version, reason):
    data = {"action": "activate", "_selected_action": [version.pk], "reason": reason}
    return client.post(VERSIONS, data, follow=True).content.decode()


@pytest.fixture
def candidate(active_version, trained):
    return registry.register(trained=trained, by=None)


def test_a_model_manager_activates_a_version_with_a_reason(candidate, client_of):
    assert "is active" in activate(client_of(Role.MODEL_MANAGER), candidate, "better")
    version = ModelVersion.objects.active().get()
    assert (version, version.reason, version.activated_by.username) == (candidate, "better", "model manager")


def test_activating_without_a_reason_is_refused(candidate, active_version, client_of):
    assert "give a reason" in activate(client_of(Role.MODEL_MANAGER), candidate, " ")
    assert ModelVersion.objects.active().get() == active_version


def test_a_reviewer_cannot_activate(candidate, active_version, reviewer):
    activate(reviewer, candidate, "better")
    assert ModelVersion.objects.active().get() == active_version


def test_a_tampered_version_is_refused_in_words(candidate, active_version, artefacts, client_of):
    (artefacts / candidate.artefact / "scorecard.json").write_bytes(b"{}")
    assert "not the one that was signed" in activate(client_of(Role.MODEL_MANAGER), candidate, "better")
    assert ModelVersion.objects.active().get() == active_version


def test_a_version_shows_its_figures_beside_the_baseline_and_its_data(active_version, reviewer):
    text = reviewer.get(VERSIONS).content.decode()
    assert "synthetic sample data" in text
    figures = reviewer.get(f"{VERSIONS}{active_version.pk}/change/").content.decode()
    assert "one rule: credit history" in figures


def test_no_token_is_shown_or_made_in_the_admin(active_version, user_with, client_of):
    user = user_with(Role.API_CLIENT)
    secret = ApiClient(user).headers["Authorization"].removeprefix("Token ")
    admin = client_of(Role.ADMIN)
    assert secret not in admin.get("/admin/knox/authtoken/").content.decode()
    assert admin.get("/admin/knox/authtoken/add/").status_code == 403
