"""Addresses of products: what is below them, what is of the whole site, what a retired product answers."""

import pytest
from django.urls import get_script_prefix

from predictions.models import Prediction, Product
from predictions.roles import Role
from predictions.services.products import products
from predictions.tests.helpers.api import ApiClient

CAR = "/products/car-loan"
API = "/api/v1/products/car-loan/predictions/"


@pytest.fixture
def retired(car_version, car_loan):
    return products.retire_product(product=car_loan, by=None, reason="No more cars")


@pytest.fixture
def officer(client_of, car_version):
    return client_of(Role.OFFICER)


def test_an_unknown_product_is_named(officer):
    assert "There is no product &#x27;boat&#x27;" in officer.get("/products/boat/history/").content.decode()
    reply = officer.get("/api/v1/products/boat/predictions/")
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (404, "no_such_product")


@pytest.mark.parametrize(
    "page", ["login/?next=/x", "preferences/", "admin/", "api/docs/", "livez", "products/"]
)
def test_pages_of_the_whole_site_are_outside(officer, page):
    reply = officer.get(f"{CAR}/{page}")
    assert (reply.status_code, reply["Location"]) == (302, f"/{page}")


@pytest.mark.parametrize("api", ["predictions/", "batches/", "schema/", ""])
def test_the_api_below_a_products_pages_is_that_of_the_product(officer, api):
    for method in (officer.get, officer.post):
        reply = method(f"{CAR}/api/v1/{api}?x=1")
        assert reply["Location"] == f"/api/v1/products/car-loan/{api}?x=1"


@pytest.mark.parametrize("page", ["predict", "predict/"])
def test_the_articles_endpoint_is_not_below_another_product(officer, application, page):
    reply = officer.post(f"{CAR}/{page}", [application], content_type="application/json")
    assert (reply.status_code, Prediction.objects.count()) == (404, 0)
    assert officer.get(f"/products/loan-prediction/{page}")["Location"] == f"/{page}"


def test_a_product_that_another_process_has_just_added_is_found(officer):
    officer.get("/history/")
    Product.objects.create(name="boat-loan", title="Boat loan")
    assert officer.get("/products/boat-loan/history/").status_code == 200


def test_signing_out_within_a_product_keeps_its_method(officer):
    reply = officer.post(f"{CAR}/logout/")
    assert (reply.status_code, reply["Location"]) == (308, "/logout/")


def test_a_visitor_signs_in_on_the_page_of_the_whole_site(client, car_loan):
    assert client.get(f"{CAR}/history/")["Location"] == f"/login/?next={CAR}/history/"


def test_an_address_without_its_last_slash_is_completed_within_the_product(officer):
    assert officer.get(f"{CAR}/history")["Location"] == f"{CAR}/history/"
    assert officer.get(f"{CAR}?x=1")["Location"] == f"{CAR}/?x=1"


def test_nothing_of_a_mount_is_left_behind(officer):
    officer.get(f"{CAR}/history/")
    assert get_script_prefix() == "/"


def test_a_page_of_an_api_list_leads_to_the_next_within_the_product(car_version, user_with, application):
    api = ApiClient(user_with(Role.OFFICER))
    api.post(API, [application | {"Loan_ID": f"L{place}"} for place in range(3)])
    assert f"{API}?" in api.get(f"{API}?page_size=2").json()["next"]


def test_a_retired_product_takes_no_applications(retired, user_with, client_of, application, entries):
    reply = ApiClient(user_with(Role.OFFICER)).post(API, application)
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (410, "product_retired")
    officer = client_of(Role.OFFICER, "zoe")
    assert officer.get(f"{CAR}/score/").status_code == 410
    assert officer.post(f"{CAR}/score/", entries).status_code == 410


def test_the_history_of_a_retired_product_can_be_read(retired, client_of, user_with):
    assert client_of(Role.OFFICER).get(f"{CAR}/history/").status_code == 200
    assert ApiClient(user_with(Role.OFFICER, "zoe")).get(API).status_code == 200


def test_another_default_product_takes_the_plain_addresses(car_loan, active_version, car_version, client_of):
    products.make_default(product=car_loan, by=None, reason="Cars are most of it")
    officer = client_of(Role.OFFICER)
    assert officer.get("/history/").wsgi_request.product == car_loan
    built_in = officer.get("/products/loan-prediction/history/")
    assert (built_in.status_code, built_in.wsgi_request.product.name) == (200, "loan-prediction")


def test_the_articles_endpoint_is_the_built_in_products(car_loan, active_version, user_with, application):
    products.make_default(product=car_loan, by=None, reason="Cars are most of it")
    api = ApiClient(user_with(Role.API_CLIENT))
    assert api.post("/predict", [application]).status_code == 200
    products.retire_product(product=Product.objects.get(pk=1), by=None, reason="Over")
    assert api.post("/predict", [application]).status_code == 404
