"""Stored inputs are read by the schema of their model version."""

import csv

import pytest

from ml.schemas.reserved import RESERVED
from predictions.live import schemas as live_schemas
from predictions.models import ModelVersion, Prediction
from predictions.roles import Role
from predictions.services.products import schemas
from predictions.tests.helpers.api import ApiClient
from predictions.tests.products.conftest import schema_of

ENTRIES = [
    {"name": "Age", "kind": "number"},
    {"name": "Repaid", "kind": "yes_no", "role": "after_decision"},
    {"name": "Branch", "kind": "category", "role": "carried", "choices": ["North", "South"]},
]


@pytest.fixture
def stored(car_version, user_with, application):
    """A prediction of the second product, of which its version's schema declares two columns."""
    api = ApiClient(user_with(Role.OFFICER))
    pk = api.post("/api/v1/products/car-loan/predictions/", application).json()["id"]
    target = {"column": "Default", "good": ["no"], "bad": ["yes"]}
    formulas = {"model_column": [], "remark": [], "baseline": None}
    later = schema_of("car-loan", target=target, column=ENTRIES, **formulas)
    schema = schemas.add_schema_version(product=car_version.product, schema=later, by=None, reason="Age")
    ModelVersion.objects.filter(pk=car_version.pk).update(schema=schema)
    live_schemas.reset()
    return Prediction.objects.filter(pk=pk)


def test_inputs_are_stored_in_the_order_of_the_schema_and_read_by_it(stored):
    row = stored.get()
    row.inputs = {"Branch": "North", "Age": 40.0}
    row.save(update_fields=["inputs"])
    assert stored.get().inputs == {"Age": 40.0, "Branch": "North"}
    assert stored.values_list("inputs", flat=True).get() == [40.0, "North"]


def test_columns_are_read_once_for_all_rows(stored, django_assert_num_queries):
    stored.update(inputs=[40.0, "North"])
    facts = [row for row in stored.values() for _ in range(3)]
    Prediction.objects.bulk_create(Prediction(**row | {"id": None}) for row in facts)
    live_schemas.reset()
    with django_assert_num_queries(2):
        assert [row.inputs["Age"] for row in Prediction.objects.all()] == [40.0] * 4


def test_deferred_inputs_are_read_when_they_are_asked_for(stored):
    stored.update(inputs=[41.0, None])
    assert stored.defer("inputs").get().inputs == {"Age": 41.0, "Branch": None}


def test_no_column_can_have_the_name_of_a_field_beside_it(active_version, application, client_of, user_with):
    api = ApiClient(user_with(Role.OFFICER))
    prediction = api.post("/api/v1/predictions/", application).json()
    (applicant,) = api.get("/api/v1/applicants/").json()["results"]
    file = client_of(Role.AUDITOR).get("/history.csv")
    heading = next(csv.reader([b"".join(file.streaming_content).decode().splitlines()[0]]))
    assert {*prediction, *applicant, *heading} - {*application} <= {*RESERVED}
