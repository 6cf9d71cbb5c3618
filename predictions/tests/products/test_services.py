"""Adding and changing products: each is checked and recorded."""

import pytest

from predictions.errors import Conflict, InvalidFields
from predictions.live import products as live
from predictions.models import AuditRecord, Policy, Product
from predictions.services.products import products, schemas
from predictions.tests.products.conftest import schema_of


def test_a_product_begins_with_a_schema_and_a_policy(car_loan):
    assert car_loan.schema_versions.get().number == 1
    assert Policy.objects.of_product(car_loan).newest().threshold == 0.5
    assert [*AuditRecord.objects.values_list("action", flat=True)] == ["schema added", "product added"]
    assert live.named("car-loan") == car_loan


@pytest.mark.parametrize("name", ["", "new", "Car", "car loan", "-car", "car--loan", "c" * 64, "car\n"])
def test_a_name_must_be_part_of_an_address(db, name):
    with pytest.raises(InvalidFields, match="cannot be part of an address"):
        products.add_product(schema=schema_of(name), by=None, reason="x")


def test_a_name_is_taken_once(car_loan):
    with pytest.raises(Conflict, match="There is a product 'car-loan' already"):
        products.add_product(schema=schema_of("car-loan"), by=None, reason="x")


def test_a_later_schema_is_numbered_on(car_loan):
    later = schema_of("car-loan", currency="EUR")
    assert schemas.add_schema_version(product=car_loan, schema=later, by=None, reason="Age").number == 2
    with pytest.raises(InvalidFields, match="schema 2 as it stands"):
        schemas.add_schema_version(product=car_loan, schema=later, by=None, reason="Age")


def test_the_built_in_products_first_row_is_version_2(db):
    later = schema_of("loan-prediction")
    added = schemas.add_schema_version(product=live.built_in(), schema=later, by=None, reason="Age")
    assert (added.number, schemas.newest_schema(1)) == (2, added)


def test_a_schema_of_another_product_is_refused(car_loan):
    with pytest.raises(InvalidFields, match="expected 'car-loan', the product's"):
        schemas.add_schema_version(product=car_loan, schema=schema_of("boat"), by=None, reason="x")


def test_the_default_product_is_not_retired(db):
    with pytest.raises(Conflict, match="default product"):
        products.retire_product(product=Product.objects.get(), by=None, reason="x")


def test_a_retired_product_comes_back(car_loan):
    assert products.retire_product(product=car_loan, by=None, reason="x").retired
    with pytest.raises(Conflict, match="is retired"):
        products.make_default(product=car_loan, by=None, reason="x")
    assert not products.bring_back_product(product=car_loan, by=None, reason="x").retired


def test_one_product_is_the_default(car_loan):
    products.make_default(product=car_loan, by=None, reason="x")
    assert Product.objects.get(is_default=True) == car_loan


def test_a_site_with_one_product_asks_for_no_product(db):
    assert live.default().alone
    products.add_product(schema=schema_of("boat-loan"), by=None, reason="x")
    live.forget()
    assert not live.default().alone
