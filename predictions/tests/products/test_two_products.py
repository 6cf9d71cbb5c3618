"""Two products on one site: each has applications, a model, a policy and a queue of its own."""

import re

import pytest

from predictions.live import active_model, active_policy
from predictions.live.process_state import reset_process_state
from predictions.models import BUILT_IN, Applicant, ModelVersion, Policy, Prediction, Referral
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.policies import policies
from predictions.services.queue import claims
from predictions.services.versions import registry
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import score_meant

HOME, CAR = "/api/v1/predictions/", "/api/v1/products/car-loan/predictions/"


@pytest.fixture
def api(active_version, car_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def scored(api, application):
    """Predictions of one application for each product: its Loan_ID is the same."""
    replies = [api.post(address, application) for address in (HOME, CAR)]
    assert [reply.status_code for reply in replies] == [201, 201]
    return [Prediction.objects.get(pk=reply.json()["id"]) for reply in replies]


@pytest.fixture
def referred(api, application, car_loan):
    """The same, both waiting for a decision."""
    for product_id in (BUILT_IN, car_loan.pk):
        band = Policy(product_id=product_id, threshold=0.5, refer_low=0.0, refer_high=1.0)
        in_force = Policy.objects.of_product(product_id).newest().pk
        policies.adopt_policy(policy=band, replaces=in_force, by=None, reason="Look at all")
    replies = [api.post(address, application) for address in (HOME, CAR)]
    return [Prediction.objects.get(pk=reply.json()["id"]) for reply in replies]


def loan_ids(page):
    return re.findall(r"<bdi>(LP\d+)</bdi>", page.content.decode())


def ids(reply):
    return [row["id"] for row in reply.json()["results"]]


def test_each_product_has_its_own_model(scored, active_version, car_version):
    home, car = scored
    assert (home.model_version, car.model_version) == (active_version, car_version)
    assert active_model.current(car_version.product_id).version_id == car_version.pk


def test_a_row_of_the_built_in_product_keeps_no_product(scored, car_loan):
    home, car = scored
    assert (home.product_id, home.product_key) == (None, BUILT_IN)
    assert (car.product_id, car.product_key) == (car_loan.pk, car_loan.pk)


def test_a_list_of_the_api_has_its_products_rows_only(api, scored):
    home, car = scored
    assert ids(api.get(HOME)) == [home.pk]
    assert ids(api.get(CAR)) == [car.pk]


def test_a_row_of_another_product_is_404_by_api(api, scored):
    home, car = scored
    assert api.get(f"{HOME}{car.pk}/").status_code == 404
    assert api.get(f"{CAR}{home.pk}/").status_code == 404
    assert api.get(f"{CAR}{car.pk}/").json()["id"] == car.pk


def test_applications_of_one_loan_id_are_two_of_two_products(api, scored):
    assert {row.product_id for row in Applicant.objects.all()} == {None, scored[1].product_id}
    [row] = api.get("/api/v1/products/car-loan/applicants/").json()["results"]
    assert row["id"] == scored[1].pk
    assert ids(api.get("/api/v1/applicants/")) == [scored[0].pk]


def test_scoring_again_outdates_the_own_products_case_only(api, scored, application):
    api.post(CAR, application | {"LoanAmount": 90})
    home, car = Prediction.objects.with_newest().filter(pk__in=[row.pk for row in scored]).order_by("pk")
    assert (home.newest_id == home.pk, car.newest_id == car.pk) == (True, False)


def test_a_policy_is_of_one_product(scored, car_loan, api, application):
    in_force = Policy.objects.of_product(car_loan).newest()
    strict = Policy(product_id=car_loan.pk, threshold=0.9)
    policies.adopt_policy(policy=strict, replaces=in_force.pk, by=None, reason="Losses")
    assert (active_policy.current(car_loan.pk).threshold, active_policy.current().threshold) == (0.9, 0.5)
    assert api.post(CAR, application).json()["threshold"] == 0.9
    assert api.post(HOME, application).json()["threshold"] == 0.5


def test_an_activation_leaves_the_other_products_model(active_version, car_version, register_car):
    registry.activate(version_id=register_car().pk, by=None, reason="better", override=True)
    assert ModelVersion.objects.of_product(BUILT_IN).active().get() == active_version
    assert active_model.current().version_id == active_version.pk


def test_a_decision_leaves_the_other_products_case_waiting(referred, user_with):
    home, car = referred
    decisions.decide(prediction=car, by=user_with(Role.REVIEWER), verdict="approved")
    assert [*Prediction.objects.waiting()] == [home]


def test_a_claim_is_on_the_own_products_case(referred, user_with):
    home, car = referred
    claims.claim_case(prediction=car, by=user_with(Role.REVIEWER, "zoe"))
    claims.claim_case(prediction=home, by=user_with(Role.REVIEWER, "yan"))
    holders = Referral.objects.values_list("prediction", "assigned_to__username")
    assert dict(holders) == {car.pk: "zoe", home.pk: "yan"}


def test_each_product_has_a_queue_a_history_and_a_desk(referred, client_of, api, application):
    api.post(CAR, application | {"Loan_ID": "LP9"})
    reviewer = client_of(Role.REVIEWER)
    for page in ("/queue/", "/history/", "/"):
        assert set(loan_ids(reviewer.get(page))) == {"LP001015"}
        assert set(loan_ids(reviewer.get(f"/products/car-loan{page}"))) == {"LP001015", "LP9"}


def test_the_queue_leads_to_the_queue_of_each_product(referred, client_of, car_loan, api, application):
    api.post(CAR, application | {"Loan_ID": "LP9"})
    page = client_of(Role.REVIEWER).get("/queue/").content.decode()
    assert re.search(rf'href="/products/car-loan/queue/">{car_loan.title} 2</a>', page)


def test_a_page_of_a_row_leads_to_its_product(scored, client_of):
    home, car = scored
    reviewer = client_of(Role.REVIEWER)
    at_home = reviewer.get(f"/predictions/{car.pk}/?x=1")
    assert (at_home.status_code, at_home["Location"]) == (
        302,
        f"/products/car-loan/predictions/{car.pk}/?x=1",
    )
    at_car = reviewer.get(f"/products/car-loan/predictions/{home.pk}/")
    assert (at_car.status_code, at_car["Location"]) == (302, f"/predictions/{home.pk}/")


def test_the_links_of_a_products_page_stay_within_it(scored, client_of):
    page = client_of(Role.ADMIN).get(f"/products/car-loan/predictions/{scored[1].pk}/").content.decode()
    addresses = re.findall(r'(?:href|action)="(/[^"]*)"', page)
    outside = ("/static/", "/products/car-loan/")
    in_menu = ["/"]  # the desk of the other product
    assert [address for address in addresses if not address.startswith(outside)] == in_menu


def test_the_form_stores_for_its_product_and_leads_to_the_case(api, client_of, entries, car_loan):
    reply = client_of(Role.OFFICER, "zoe").post("/products/car-loan/score/", entries)
    row = Prediction.objects.get()
    assert (row.product_id, reply["Location"]) == (car_loan.pk, f"/products/car-loan/applications/{row.pk}/")


def test_one_forms_token_stores_for_each_product(api, client_of, entries, car_loan):
    officer, entries = client_of(Role.OFFICER, "zoe"), entries | {"form_token": "t" * 24}
    for page in ("/score/", "/products/car-loan/score/", "/score/"):
        assert score_meant(officer, entries, page).status_code == 302
    assert {row.product_id for row in Prediction.objects.all()} == {None, car_loan.pk}


def test_pages_of_models_and_policies_are_of_the_product(active_version, car_version, client_of):
    manager = client_of(Role.MODEL_MANAGER)
    for page in ("/models/", "/policies/", "/models/timeline/", "/models/training/"):
        assert manager.get(f"/products/car-loan{page}").status_code == 200
    assert f"/models/{active_version.pk}/" not in manager.get("/products/car-loan/models/").content.decode()
    assert manager.get(f"/models/{car_version.pk}/")["Location"].startswith("/products/car-loan/models/")
    [line] = manager.get("/products/car-loan/models/timeline/").context["page"]
    assert (line.version, line.until) == (car_version, None)


def test_a_schema_that_was_changed_in_the_database_reads_no_case(scored, car_loan, client_of):
    stored = car_loan.schema_versions.get()
    columns = stored.document["column"][::-1]
    car_loan.schema_versions.update(document=stored.document | {"column": columns})
    reset_process_state()
    reply = client_of(Role.REVIEWER).get(f"/products/car-loan/predictions/{scored[1].pk}/")
    assert reply.status_code == 503
    assert "not the one that was stored" in reply.content.decode()
