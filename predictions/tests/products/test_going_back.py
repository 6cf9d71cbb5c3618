"""The migration of products: forwards with the rows of before, back where nothing new is stored."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from predictions.models import Applicant, Prediction, Product, ProductDraft
from predictions.roles import Role
from predictions.services.products import products
from predictions.tests.conftest import APPLICATION
from predictions.tests.helpers.api import ApiClient
from predictions.tests.products.conftest import schema_of

BEFORE = "0029"
KEPT = "SELECT id, loan_id, inputs, policy_id, product_id FROM predictions_prediction"
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def scored(active_version, user_with):
    api = ApiClient(user_with(Role.OFFICER))
    assert api.post("/api/v1/predictions/", APPLICATION).status_code == 201
    try:
        yield
    finally:
        call_command("migrate", verbosity=0)
        Product.objects.exclude(pk=1).delete()


def applied():
    return {name for (name,) in rows("SELECT name FROM django_migrations WHERE app = 'predictions'")}


def rows(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_a_database_goes_back_and_forwards_again(scored):
    stored = rows(KEPT)
    call_command("migrate", "predictions", BEFORE, verbosity=0)
    assert rows("SELECT loan_id, applicant_income FROM predictions_applicant") == [("LP001015", 5720)]
    call_command("migrate", verbosity=0)
    assert rows(KEPT) == stored
    assert Applicant.objects.get().inputs == Prediction.objects.get().inputs
    assert Product.objects.get().name == "loan-prediction"


def test_another_product_stands_in_the_way_back(scored):
    product = products.add_product(schema=schema_of("car-loan"), by=None, reason="x")
    with pytest.raises(CommandError, match="knows one product, and this database has car-loan too"):
        call_command("migrate", "predictions", BEFORE, verbosity=0)
    assert "0034_product_drafts" in applied()  # nothing was taken back before it refused
    product.schema_versions.all().delete()
    connection.cursor().execute("DELETE FROM predictions_policy WHERE product_id <> 1")


def test_a_draft_stands_in_the_way_back(scored, user_with):
    facts = {"owner": user_with(Role.MODEL_MANAGER), "entries": {}, "updated_at": timezone.now()}
    draft = ProductDraft.objects.create(**facts)
    with pytest.raises(CommandError, match="1 drafts of schemas would be lost"):
        call_command("migrate", "predictions", BEFORE, verbosity=0)
    draft.delete()


def test_servers_of_the_release_before_go_on_beside_it(scored):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO predictions_policy (threshold, refer_gaps, reason, at) "
            "VALUES (.6, true, 'older', CURRENT_TIMESTAMP)"
        )
    assert rows("SELECT product_id FROM predictions_policy ORDER BY id DESC LIMIT 1") == [(1,)]
    assert rows("SELECT applicant_income FROM predictions_applicant") == [(5720,)]
