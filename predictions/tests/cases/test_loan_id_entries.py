"""The index on Loan_IDs follows every change of predictions, and is right before and after it is settled."""

import pytest
from django.db import connection

from predictions.models import LoanIdEntry, Prediction
from predictions.models.loan_id_entry import RUN_BITS, SETTLED, young_run
from predictions.roles import Role
from predictions.services.retention.settling import settle_entries
from predictions.tests.helpers.api import ApiClient

URL = "/api/v1/predictions/"
pytestmark = pytest.mark.django_db
sqlite_alone = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has a view")


def keys(rows):
    return sorted(rows.order_by().values_list("pk", "loan_id", "owner", "product"))


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.API_CLIENT))


@pytest.fixture
def stored(api, application):
    api.post(URL, [application | {"Loan_ID": f"LP{place}"} for place in range(5)])


def test_every_prediction_has_its_entry_after_it_is_stored_changed_and_deleted(stored):
    Prediction.objects.filter(loan_id="LP1").update(loan_id="Other")
    Prediction.objects.filter(loan_id="LP2").delete()
    assert keys(LoanIdEntry.objects) == keys(Prediction.objects)
    assert LoanIdEntry.objects.count() == 4


@sqlite_alone
def test_the_last_migrations_keep_the_triggers_of_the_table_of_predictions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s ORDER BY name",
            [Prediction._meta.db_table],
        )
        names = [name for (name,) in cursor.fetchall()]
    assert names == ["prediction_enters", "prediction_leaves", "prediction_moves"]


@pytest.fixture
def later(stored):
    """The next prediction is of the other young run."""
    newest = Prediction.objects.latest("pk")
    newest.pk += 1 << RUN_BITS
    newest.loan_id = "Later"
    newest.save(force_insert=True)


@sqlite_alone
def test_the_worker_settles_a_complete_run_and_leaves_the_run_of_new_predictions(later):
    settle_entries()
    newest = Prediction.objects.latest("pk").pk
    by_run = dict(LoanIdEntry.objects.values_list("loan_id", "run"))
    assert by_run.pop("Later") == young_run(newest)
    assert set(by_run.values()) == {SETTLED}


@pytest.mark.parametrize("settled", [False, True])
def test_an_application_is_found_by_its_loan_id_in_every_run(later, api, settled):
    if settled:
        settle_entries()
    found = [api.get(f"{URL}?Loan_ID={loan_id}").json()["results"] for loan_id in ("LP1", "Later", "LP9")]
    assert [len(rows) for rows in found] == [1, 1, 0]
