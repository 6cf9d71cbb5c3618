"""Batches of several chunks become what the same rows become elsewhere."""

import pytest

from ml.products.loan_prediction.sample import make_sample
from ml.schemas.schema import LOAN_ID
from predictions.models import Prediction
from predictions.roles import Role
from predictions.services.batches.rows import CHUNK_SIZES
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import HEADER, ROW, SCHEMA, URL, finished, lines, table

ROWS = 7_000
FACTS = ("loan_id", "inputs", "warnings", "approval_probability", "outcome", "explanation")


def applications():
    """Rows with gaps, decimals and remarks."""
    sample = make_sample()
    unusual = {"ApplicantIncome": 900_000.5, "CoapplicantIncome": 0.0}
    for number in range(ROWS):
        row = {name: sample[number % len(sample)][name] for name in SCHEMA.columns}
        yield {LOAN_ID: f"LP-{number:06}"} | row | (unusual if number % 500 == 7 else {})


def as_file(rows):
    texts = (["" if value is None else str(value) for value in row.values()] for row in rows)
    content = "\n".join([HEADER, *map(",".join, texts), ""]).encode()
    assert len(content) > 2 * CHUNK_SIZES["sqlite"]  # PostgreSQL takes larger ones
    return content


def stored_by(user):
    return [*Prediction.objects.filter(owner=user).order_by("loan_id").values_list(*FACTS)]


@pytest.mark.slow
def test_a_large_batch_stores_what_an_array_stores(active_version, user_with):
    by_file, by_array = (ApiClient(user_with(Role.API_CLIENT, name)) for name in "ab")
    rows = list(applications())
    batch = finished(by_file, as_file(rows))
    assert (batch["status"], batch["scored"], batch["refused"]) == ("finished", ROWS, 0)
    by_array.post("/api/v1/predictions/", rows)
    assert stored_by(by_file.user) == stored_by(by_array.user)
    outcomes = Prediction.objects.filter(owner=by_array.user).values_list("outcome", flat=True)
    assert batch["outcomes"] == {name: [*outcomes].count(name) for name in Prediction.Outcome.values}


@pytest.mark.slow
def test_faults_of_a_large_batch_stay_in_the_order_of_its_rows(active_version, user_with):
    api = ApiClient(user_with(Role.OFFICER))
    finished(ApiClient(user_with(Role.OFFICER, "zoe")), table("L005000"))
    bad = {6_000: ROW.replace("Urban", "Moon"), 30: ROW.replace("5720", "-1")}
    rows = [f"L{number:06},{bad.get(number, ROW)}" for number in range(ROWS)]
    batch = finished(api, "\n".join([HEADER, *rows, rows[10], ""]).encode())
    assert (batch["scored"], batch["refused"]) == (ROWS - 4, 5)
    _, *faults = lines(api.get(f"{URL}{batch['id']}/errors.csv"))
    assert [fault.split(",")[0] for fault in faults] == ["12", "32", "5002", "6002", "7002"]
    _, *cells = lines(api.get(f"{URL}{batch['id']}/refused.csv"))
    assert [line[:7] for line in cells] == ["L000010", "L000030", "L005000", "L006000", "L000010"]
