"""Form, API, array, article endpoint and `python -m ml predict`: one probability for one applicant."""

import csv
import io

import pytest

from ml.__main__ import main
from ml.products.loan_prediction.sample import make_sample
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient

SCHEMA = built_in()

ROWS = [{k: v for k, v in row.items() if k != "Loan_Status"} for row in make_sample(rows=25)]


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.API_CLIENT))


@pytest.fixture
def by_array(api):
    scored = api.post("/api/v1/predictions/", ROWS).json()["predictions"]
    return {row[LOAN_ID]: row["approval_probability"] for row in scored}


def test_single_objects_equal_the_array(api, by_array):
    for row in ROWS:
        single = api.post("/api/v1/predictions/", row).json()
        assert single["approval_probability"] == by_array[row[LOAN_ID]]


def test_the_form_equals_the_api(by_array, client_of):
    client = client_of(Role.OFFICER)
    for row in ROWS[:10]:
        typed = {
            SCHEMA.by_column[k].name: "" if v is None else f"{v}"
            for k, v in row.items()
            if k in SCHEMA.by_column
        }
        typed["credit_history"] = "" if row["Credit_History"] is None else f"{row['Credit_History']:g}"
        assert client.post("/score/", typed | {"loan_id": row[LOAN_ID]}).status_code == 302
        stored = Prediction.objects.first()
        assert stored.approval_probability == pytest.approx(by_array[row[LOAN_ID]], abs=1e-12)


def test_the_article_endpoint_stores_the_same(api, by_array):
    api.post("/predict", ROWS)
    stored = Prediction.objects.filter(source="article")
    assert {p.loan_id: p.approval_probability for p in stored} == by_array


def test_the_command_line_writes_the_same(
    by_array, active_version, artefacts, settings, tmp_path, monkeypatch
):
    monkeypatch.setenv("LOANSITE_ARTEFACT_KEY", settings.ARTEFACT_KEY.decode())
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", newline="") as file:
        writer = csv.DictWriter(file, ROWS[0])
        writer.writeheader()
        writer.writerows(ROWS)
    model = str(artefacts / active_version.artefact)
    assert main(["predict", "--model", model, "--input", str(source), "--output", str(output)]) == 0
    written = csv.DictReader(io.StringIO(output.read_text()))
    assert {row[LOAN_ID]: float(row["approval_probability"]) for row in written} == by_array


def test_swapping_gender_or_married_changes_nothing(api):
    swap = {"Male": "Female", "Female": "Male", "Yes": "No", "No": "Yes", None: "Yes"}
    row = ROWS[0]
    plain = api.post("/api/v1/predictions/", row).json()
    for column in ("Gender", "Married"):
        value = swap[row[column]] if column == "Married" or row[column] else "Male"
        swapped = api.post("/api/v1/predictions/", row | {column: value}).json()
        assert swapped["log_odds"] == plain["log_odds"]
