"""The list of products: who sees it, and how a product is retired, brought back and made the default."""

import pytest

from predictions.models import AuditRecord, Product
from predictions.roles import Role
from predictions.tests.helpers.pages import table_rows, words

CHANGERS = [Role.MODEL_MANAGER, Role.ADMIN]


@pytest.fixture
def manager(client_of, car_loan):
    return client_of(Role.MODEL_MANAGER)


def change(client, action, name="car-loan", reason="Losses"):
    return client.post("/products/", {"product": name, "action": action, "reason": reason})


def test_the_list_shows_each_product_with_its_model_and_form(active_version, car_loan, client_of):
    page = client_of(Role.AUDITOR).get("/products/").content.decode()
    home, car = table_rows(page)[1:]
    assert home[:3] == [f"{home[0]}", f"Version {active_version.pk}", "Schema 1"]
    assert home[0].startswith("Loan prediction default")
    assert car == ["Car loan car-loan", "None.", "Schema 1", "0"]


@pytest.mark.parametrize("role", CHANGERS)
def test_who_may_change_products_sees_where_to_train_and_to_add(client_of, car_loan, role):
    page = client_of(role).get("/products/").content.decode()
    assert 'href="/products/new/"' in page
    assert 'href="/products/car-loan/models/training/"' in page
    assert 'value="retire"' in page


def test_an_auditor_reads_and_changes_nothing(client_of, car_loan):
    auditor = client_of(Role.AUDITOR)
    page = auditor.get("/products/").content.decode()
    assert "/products/new/" not in page
    assert 'name="reason"' not in page
    assert change(auditor, "retire").status_code == 403


@pytest.mark.parametrize("role", [Role.OFFICER, Role.REVIEWER, Role.API_CLIENT])
def test_others_see_no_list(client_of, car_loan, role):
    assert client_of(role).get("/products/").status_code == 403


def test_a_product_is_retired_and_brought_back_with_a_reason(manager):
    assert change(manager, "retire")["Location"] == "/products/"
    assert Product.objects.get(name="car-loan").retired
    change(manager, "bring_back", reason="New terms")
    assert not Product.objects.get(name="car-loan").retired
    recorded = AuditRecord.objects.order_by("-pk").first()
    assert (recorded.action, recorded.detail["reason"]) == ("product brought back", "New terms")


def test_another_product_becomes_the_default(manager):
    change(manager, "make_default")
    assert Product.objects.get(is_default=True).name == "car-loan"


def test_a_change_without_a_reason_is_refused_at_its_product(manager):
    reply = change(manager, "retire", reason=" ")
    assert reply.status_code == 422
    assert "A reason is expected" in words(reply)
    assert "<details open>" in reply.content.decode()


def test_the_default_product_cannot_be_retired(manager):
    reply = change(manager, "retire", name="loan-prediction")
    assert reply.status_code == 409
    assert not Product.objects.get(name="loan-prediction").retired


def test_an_unknown_product_or_action_changes_nothing(manager):
    assert change(manager, "retire", name="boat").status_code == 422
    assert change(manager, "sell").status_code == 422


def test_an_officer_of_a_product_without_a_model_reads_what_is_missing(client_of, car_loan):
    page = client_of(Role.OFFICER).get("/products/car-loan/score/")
    assert "Nothing can be scored yet: no model is active. A model manager trains" in words(page)
    assert "Score this application" not in words(page)


def test_an_admin_of_a_product_without_a_model_is_led_to_the_training(client_of, car_loan):
    page = client_of(Role.ADMIN).get("/products/car-loan/score/").content.decode()
    assert 'href="/products/car-loan/models/training/"' in page
