"""-0 is 0: at every door, in every column, in what is stored and in what older versions stored."""

import json

import pytest
from django.core.management import call_command

from predictions.models import Applicant, Policy, Prediction
from predictions.roles import Role
from predictions.tests.api.test_input_bodies import ARTICLE, V1
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import ROW, finished, table

WRITTEN = ["-0", "-0.0", "-0e5", "-1e-400"]
COLUMNS = ["CoapplicantIncome", "ApplicantIncome", "Credit_History"]


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.ADMIN))


@pytest.fixture
def json_of(application):
    """The application as JSON, with a number as it is written."""

    def make(column, written):
        return json.dumps(application | {column: "@"}).replace('"@"', written)

    return make


def posted(api, row, door):
    rows = [row, row.replace("LP001015", "LP-0").replace("Urban", "Moon")]
    bodies = {
        "object": (V1, row),
        "array": (V1, f"[{row}]"),
        "array with a bad row": (V1, f"[{','.join(rows)}]"),
        "article": (ARTICLE, f"[{row}]"),
        "article's client": (ARTICLE, json.dumps(f"[{row}]")),
    }
    assert api.post(*bodies[door]).status_code in (200, 201)


def stored():
    return json.dumps(Prediction.objects.get().inputs)


@pytest.mark.parametrize("door", ["object", "array", "array with a bad row", "article", "article's client"])
@pytest.mark.parametrize("written", WRITTEN)
def test_json_says_0(api, json_of, door, written):
    posted(api, json_of("CoapplicantIncome", written), door)
    assert "-0" not in stored()


@pytest.mark.parametrize("column", COLUMNS)
def test_every_number_that_may_be_0_is_told_apart_from_minus_0(api, json_of, column):
    posted(api, json_of(column, "-0.0"), "array")
    assert "-0" not in stored()
    [row] = api.get("/api/v1/applicants/").json()["results"]
    assert "-0" not in json.dumps(row)


@pytest.mark.parametrize("written", ["-0", "-0.0", "-00.", "-.0"])
def test_the_form_says_0(active_version, client_of, entries, written):
    client = client_of(Role.OFFICER)
    client.post("/score/", entries | {"coapplicant_income": written, "credit_history": "-0"})
    assert "-0" not in stored()


@pytest.mark.parametrize("written", ["-0", "-0.0"])
def test_a_file_says_0(api, written):
    finished(api, table("A", row=ROW.replace(",0,110", f",{written},110").replace(",1,Urban", ",-0,Urban")))
    assert "-0" not in stored()


def test_what_an_older_version_stored_is_read_as_0(api, application):
    pk = api.post(V1, application).json()["id"]
    inputs = application | {"CoapplicantIncome": -0.0, "Credit_History": -0.0}
    values = [inputs[column] for column in application if column != "Loan_ID"]
    Prediction.objects.filter(pk=pk).update(inputs=values)
    assert "-0" not in stored()
    assert "-0" not in f"{Applicant.objects.get().inputs}"


def test_a_policy_says_0(active_version):
    call_command("adopt_policy", "--threshold=-0", "--refer-low=-0.0", "--refer-high=0.5", "--reason=All")
    assert "-0" not in repr(Policy.objects.newest().__dict__.copy() | {"at": None})
