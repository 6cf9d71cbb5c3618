"""Products and their schemas by API: anybody reads, a model manager adds."""

import json

import jsonschema
import pytest
from django.db import transaction
from django.test import Client
from drf_spectacular.validation import validate_schema

from ml.products.loan_prediction.schema import built_in
from ml.schemas.facts import facts_of
from ml.schemas.toml import read_schema
from ml.schemas.toml_writer import schema_toml
from predictions.models import AuditRecord, Product
from predictions.roles import Role
from predictions.services.products import products
from predictions.tests.helpers.api import ApiClient

PRODUCTS = "/api/v1/products/"
CAR = f"{PRODUCTS}car-loan/"
FACTS = {
    "name": "car-loan",
    "title": "Car loan",
    "id": {"column": "Contract"},
    "amount": "Price",
    "target": {"column": "Default", "good": ["no"], "bad": ["yes"], "means": "repaid within 12 months"},
    "column": [
        {"name": "Price", "kind": "number", "above": 0, "maximum": 90000, "required": True},
        {"name": "Score", "kind": "number", "minimum": 0, "maximum": 9, "special": {"-9": "no record"}},
        {"name": "Fuel", "kind": "category", "choices": ["Diesel", ["EV", "Electric"]]},
    ],
}
CAR_ROW = {"Contract": "C1", "Price": 20000, "Score": -9, "Fuel": "EV"}


@pytest.fixture
def manager(user_with):
    return ApiClient(user_with(Role.MODEL_MANAGER))


@pytest.fixture
def added(manager):
    return manager.post(PRODUCTS, {"reason": "We lend on cars now", "schema": FACTS})


@pytest.fixture
def officer(added, user_with):
    return ApiClient(user_with(Role.OFFICER))


def faults(reply):
    assert reply.status_code == 400, reply.content
    return [(error["attr"], error["code"], error["detail"]) for error in reply.json()["errors"]]


def checked(officer, *rows):
    """What the API says about rows of the second product, which has no model yet."""
    return officer.post(f"{CAR}predictions/?validate_only=true", [*rows]).json()


@pytest.mark.parametrize("address", ["/api/v1/products/loan-prediction/", "/api/v1/schemas/1/"])
def test_what_is_only_read_takes_no_post_from_anybody(db, user_with, address):
    for caller in (ApiClient(), ApiClient(user_with(Role.OFFICER))):
        reply = caller.post(address, {})
        assert (reply.status_code, "GET" in reply.headers["Allow"]) == (405, True)


def test_anybody_sees_the_one_product_of_a_site(db):
    [product] = ApiClient().get(PRODUCTS).json()["results"]
    assert product["name"] == "loan-prediction"
    assert (product["default"], product["retired"], product["schema"]) == (True, False, 1)
    assert product["addresses"]["api"] == "/api/v1/products/loan-prediction/"


def test_anybody_reads_a_products_schema(db):
    detail = ApiClient().get(f"{PRODUCTS}loan-prediction/").json()
    assert detail["facts"] == facts_of(built_in())
    assert detail["digest"] == built_in().digest


def test_an_unknown_product_is_named(db):
    reply = ApiClient().get(f"{PRODUCTS}boat/")
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (404, "no_such_product")


def test_a_product_is_added_from_facts(added):
    assert added.status_code == 201
    assert (added.json()["name"], added.json()["schema"]) == ("car-loan", 1)
    assert ApiClient().get(CAR).json() == added.json()
    assert AuditRecord.objects.filter(action="product added").get().by.username == "model manager"


def test_a_product_is_added_from_toml(manager):
    text = schema_toml(FACTS)
    assert manager.post(PRODUCTS, {"reason": "Cars", "schema": text}).json()["facts"]["id"] == FACTS["id"]


def test_a_fault_names_its_key(manager):
    spoiled = FACTS | {"column": [{"name": "Price", "kind": "amount"}]}
    [(attr, code, detail)] = faults(manager.post(PRODUCTS, {"reason": "Cars", "schema": spoiled}))
    assert (attr, code) == ("column[0].kind", "invalid_schema")
    assert "'amount'" in detail


def test_a_fault_in_toml_names_its_line(manager):
    text = schema_toml(FACTS).replace("title =", "titel =")
    assert "line 2" in faults(manager.post(PRODUCTS, {"reason": "Cars", "schema": text}))[0][2]


@pytest.mark.parametrize("schema", [None, 1, ["a"]])
def test_what_is_no_schema_is_refused(manager, schema):
    assert faults(manager.post(PRODUCTS, {"reason": "Cars", "schema": schema}))[0][:2] == (
        "schema",
        "invalid",
    )


def test_a_reason_is_needed(manager):
    assert faults(manager.post(PRODUCTS, {"schema": FACTS}))[0][0] == "reason"


def test_a_name_is_taken_once(added, manager):
    assert manager.post(PRODUCTS, {"reason": "Cars", "schema": FACTS}).status_code == 409


def test_a_retry_adds_no_second_product(manager):
    replies = [manager.post(PRODUCTS, {"reason": "Cars", "schema": FACTS}, key="k") for _ in range(2)]
    assert [reply.status_code for reply in replies] == [201, 201]
    assert Product.objects.count() == 2


def test_a_later_version_of_a_schema_is_numbered_on(added, manager):
    later = FACTS | {"title": "Loan on a car"}
    reply = manager.post(f"{CAR}schemas/", {"reason": "Better words", "schema": later})
    assert (reply.status_code, reply.json()["number"]) == (201, 2)
    numbers = [version["number"] for version in ApiClient().get(f"{CAR}schemas/").json()["results"]]
    assert numbers == [2, 1]
    assert ApiClient().get(f"{CAR}schemas/1/").json()["facts"]["title"] == "Car loan"
    assert ApiClient().get(f"{CAR}schemas/3/").status_code == 404


def test_a_schema_of_another_product_is_refused(added, manager):
    other = FACTS | {"name": "boat-loan"}
    assert faults(manager.post(f"{CAR}schemas/", {"reason": "x", "schema": other}))[0][0] == "name"


def test_features_are_those_of_the_product(officer):
    features = officer.get(f"{CAR}features/").json()
    assert [feature["column"] for feature in features["features"]] == ["Price", "Score", "Fuel"]
    assert features["features"][1]["special"] == [{"value": -9, "label": "no record"}]
    assert (features["title"], features["id_column"]) == ("Car loan", "Contract")
    assert features["means"] == "repaid within 12 months"
    assert features["schema"]["number"] == 1


@pytest.mark.parametrize("row", [CAR_ROW, {"Loan_ID": "C1", "Price": 1}, {"Price": 1.5, "Fuel": None}])
def test_an_application_by_the_products_schema_is_valid(officer, row):
    assert checked(officer, row) == {"valid": 1, "refused": 0, "errors": []}


@pytest.mark.parametrize(
    ("change", "attr", "detail"),
    [
        ({"Prize": 1}, "Prize", "Did you mean Price?"),
        ({"Loan_ID": "C2"}, "Loan_ID", "Loan_ID and Contract name the same"),
        ({"Score": -8}, "Score", "or -9 for no record"),
        ({"Fuel": "Electric"}, "Fuel", "'Electric'"),
        ({"Price": "20000"}, "Price", "is not a number"),
        ({"Contract": ""}, "Contract", None),
    ],
)
def test_a_value_that_the_schema_does_not_know_is_refused(officer, change, attr, detail):
    errors = checked(officer, CAR_ROW | change)["errors"]
    if detail is None:
        assert errors == []
    else:
        assert [error["attr"] for error in errors] == [attr]
        assert detail in errors[0]["detail"]


def test_a_repeated_id_refuses_both_rows(officer):
    reply = checked(officer, CAR_ROW, {"Loan_ID": "C1", "Price": 1})
    assert (reply["valid"], [error["code"] for error in reply["errors"]]) == (0, ["repeated"] * 2)


def test_a_product_without_a_model_scores_nothing(officer):
    reply = officer.post(f"{CAR}predictions/", CAR_ROW)
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (503, "no_active_model")


@pytest.fixture(scope="module")
def documents(django_db_setup, django_db_blocker):
    """The site's document, and the product's own: made once, since that takes a second."""
    with django_db_blocker.unblock(), transaction.atomic():
        products.add_product(schema=read_schema(schema_toml(FACTS)), by=None, reason="Cars")
        made = [Client().get(address).json() for address in ("/api/schema/", f"{CAR}schema/")]
        transaction.set_rollback(True)
    return made


@pytest.mark.slow
def test_documents_with_a_second_product_are_valid(documents):
    assert all(document["paths"] for document in documents)
    assert [validate_schema(document) for document in documents] == [None, None]  # it raises otherwise


def test_the_sites_document_lists_the_second_product(documents):
    site, _ = documents
    body = site["paths"][f"{CAR}predictions/"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["$ref"] == "#/components/schemas/Applications_car_loan"
    assert "/predict" in site["paths"]
    for name, row, valid in [("Application_car_loan", CAR_ROW, True), ("Application", CAR_ROW, False)]:
        schema = site | {"$ref": f"#/components/schemas/{name}"}
        assert jsonschema.Draft202012Validator(schema).is_valid(row) == valid


def test_decisions_name_the_amount_of_the_product(documents):
    site, own = documents
    wish = {"verdict": "approved", "terms": {"Price": 9000}}
    places = [(own, "DecisionWish"), (site, "DecisionWish_car_loan"), (site, "DecisionWish")]
    fitting = [
        jsonschema.Draft202012Validator(document | {"$ref": f"#/components/schemas/{name}"}).is_valid(wish)
        for document, name in places
    ]
    assert fitting == [True, True, False]


def test_a_products_document_is_of_this_product_alone(documents):
    _, own = documents
    assert {path.startswith(CAR) for path in own["paths"]} == {True}
    assert own["info"]["title"] == "Loansite API: Car loan"
    assert "Fuel" in own["components"]["schemas"]["Applicant"]["properties"]
    assert json.dumps(own).count("ApplicantIncome") == 0


def test_a_products_documents_page_shows_its_own_document(added):
    assert Client().get(f"{CAR}docs/").status_code == 200
    script = Client().get(f"{CAR}docs/?script=").content.decode()
    assert f"{CAR}schema/" in script.replace("\\u002D", "-")
