"""How files of people are read by API: shown with `preview=true`, corrected by parameters, never guessed."""

import csv

import pytest
from django.test import Client

from ml.tests.helpers.workbooks import xlsx
from predictions.models import Batch, Prediction
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import URL, carry_out

pytestmark = pytest.mark.usefixtures("active_version")

GERMAN = (
    "loan id;applicant income;co-applicant income;LoanAmount;education;property area;Filiale\n"
    "B4-1;5.720,50;0;110;graduate;urban;4\n"
    "B4-2;1.234;1.500;126;Not-Graduate;semi-urban;4\n"
)
OPEN = GERMAN.replace("5.720,50", "5.720")


@pytest.fixture
def officer(user_with):
    return ApiClient(user_with(Role.OFFICER))


def send(api, text, query=""):
    return Client().post(f"{URL}{query}", text.encode(), content_type="text/csv", headers=api.headers)


def incomes(api, text, query=""):
    carry_out(send(api, text, query).json()["id"])
    return {row.loan_id: row.inputs["ApplicantIncome"] for row in Prediction.objects.all()}


def test_a_file_is_read_by_its_own_convention(officer):
    assert incomes(officer, GERMAN) == {"B4-1": 5720.5, "B4-2": 1234}


def test_a_preview_says_how_a_file_is_read_and_stores_nothing(officer):
    reply = send(officer, GERMAN, "?preview=true")
    seen = reply.json()
    assert (reply.status_code, seen["ready"], seen["decimal"]) == (200, 2, "comma")
    assert seen["first_rows"][0]["cells"][1] == {
        "text": "5.720,50",
        "read_as": "5,720.5 per month",
        "fault": "",
        "remark": "",
    }
    assert (Batch.objects.count(), Prediction.objects.count()) == (0, 0)


def test_a_preview_counts_the_ids_that_have_an_application_already(officer):
    text = GERMAN.replace("B4-1", 'B\u00e9 "4"\\')
    assert len(incomes(officer, text)) == 2
    seen = send(officer, text.replace("B4-2", "B4-3"), "?preview=true").json()
    assert (seen["known"], seen["ids_looked_up"]) == (1, 2)


def test_a_number_with_two_meanings_is_refused_with_both(officer):
    reply = send(officer, OPEN)
    assert (reply.status_code, Batch.objects.count()) == (400, 0)
    assert "5.720 or 5720 may be meant; send decimal=point or decimal=comma" in reply.content.decode()


@pytest.mark.parametrize(("mark", "income"), [("comma", 5720), ("point", 5.72)])
def test_the_caller_names_the_decimal_mark(officer, mark, income):
    assert incomes(officer, OPEN, f"?decimal={mark}")["B4-1"] == income


def test_a_heading_that_only_resembles_a_required_column_is_not_guessed(officer):
    text = GERMAN.replace("co-applicant income", "coapp. income")
    said = send(officer, text).content.decode()
    assert "the column CoapplicantIncome is missing, and this heading may mean it" in said
    assert len(incomes(officer, text, "?column=coapp. income:CoapplicantIncome")) == 2


def test_amounts_in_units_are_divided_where_the_caller_says_so(officer):
    text = GERMAN.replace(";110;", ";110.000;").replace(";126;", ";126.000;")
    assert send(officer, text, "?preview=true").json()["suggested_per"] == {"LoanAmount": 1000}
    carry_out(send(officer, text, "?per=LoanAmount:1000").json()["id"])
    assert {row.inputs["LoanAmount"] for row in Prediction.objects.all()} == {110, 126}


def send_sheet(api, rows):
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Client().post(URL, xlsx(rows), content_type=kind, headers=api.headers)


def test_faults_of_a_sheet_name_its_rows(officer, client):
    header, *rows = csv.reader(GERMAN.splitlines(), delimiter=";")
    pk = send_sheet(officer, [header, rows[0], rows[0]]).json()["id"]
    carry_out(pk)
    errors = b"".join(officer.get(f"{URL}{pk}/errors.csv").streaming_content).decode().splitlines()
    assert errors[0] == "row,Loan_ID,field,value,expectation"
    assert errors[1].endswith("not repeated: it is also in row 3")
    client.force_login(officer.user)
    assert '<span class="card-word">Row </span>2' in client.get(f"/batches/{pk}/").content.decode()


def test_a_refused_sheet_names_its_rows(officer):
    [header, *_] = csv.reader(GERMAN.splitlines(), delimiter=";")
    said = send_sheet(officer, [header]).json()["errors"][0]["detail"]
    assert said.startswith("batch.xlsx cannot be used:\nrow 2: at least one row is expected")


@pytest.mark.parametrize("query", ["?decimal=dot", "?column=x", "?per=LoanAmount:0", "?per=LoanAmount:much"])
def test_a_parameter_that_says_nothing_is_refused(officer, query):
    assert (send(officer, GERMAN, query).status_code, Batch.objects.count()) == (400, 0)
