"""A row of a spreadsheet pasted into the form: what it fills in, and what it says."""

import re
from html import unescape

import pytest

from ml.products.loan_prediction.schema import built_in
from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.conftest import APPLICATION
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.usefixtures("active_version")
SCHEMA = built_in()
CELLS = [str(value) for value in APPLICATION.values()]
ROW, HEADINGS = "\t".join(CELLS), "\t".join(APPLICATION)


@pytest.fixture
def paste(client_of):
    """Paste a text and return the reply."""
    officer = client_of(Role.OFFICER)
    return lambda text: officer.post("/score/paste/", {"pasted": text})


def entries_of(reply):
    found = re.findall(r'<data data-entry="(\w+)" value="(.*?)"', reply.content.decode())
    return {name: unescape(entry) for name, entry in found}


@pytest.mark.parametrize(
    "text", [ROW, f"{ROW}\r\n", f"{HEADINGS}\n{ROW}", f"{HEADINGS.lower()}\r\n{ROW}\r\n"]
)
def test_a_row_fills_every_field_with_and_without_headings(paste, text, entries):
    reply = paste(text)
    assert entries_of(reply) == entries
    assert "12 values of the pasted row were filled in." in words(reply)


def test_a_row_without_the_loan_id_is_read_too(paste, entries):
    del entries["loan_id"]
    assert entries_of(paste("\t".join(CELLS[1:]))) == entries


def test_headings_may_be_labels_in_any_order_beside_unknown_ones(paste):
    labels = [SCHEMA.by_column[column].label for column in ("LoanAmount", "ApplicantIncome")]
    reply = paste(f"{labels[0]}\tBranch\t{labels[1]}\n110\tNorth\t5720")
    assert entries_of(reply) == {"loan_amount": "110", "applicant_income": "5720"}
    assert "No field for Branch. Left as before: Gender, " in words(reply)


def test_an_empty_cell_empties_its_field(paste):
    reply = paste("LoanAmount\tGender\n\tMale")
    assert entries_of(reply) == {"loan_amount": "", "gender": "Male"}
    assert "1 value of the pasted row was filled in." in words(reply)


def test_what_cannot_be_read_is_told_and_a_text_is_kept_for_correction(paste):
    reply = paste("LoanAmount\tGender\tDependents\n1O0\tBoth\t1")
    assert entries_of(reply) == {"loan_amount": "1O0", "gender": "", "dependents": "1"}
    assert "1 value of the pasted row was filled in." in words(reply)
    assert "Loan amount: '1O0' is not" in words(reply)
    assert "Gender: 'Both' is not" in words(reply)


def test_an_error_of_a_spreadsheet_is_no_id_and_no_value(paste):
    reply = paste("Loan_ID\tGender\tLoanAmount\n#N/A\t#REF!\t110")
    assert "An ID is expected, not an error of the spreadsheet: '#N/A'." in words(reply)
    assert "'#REF!' is not one of Female, Male." in words(reply)


def test_a_row_decides_as_a_whole_how_its_numbers_are_read(paste):
    reply = paste("ApplicantIncome\tCoapplicantIncome\n4.100\t1.250,50")
    assert entries_of(reply) == {"applicant_income": "4100", "coapplicant_income": "1250.5"}
    assert "Numbers were read with a decimal comma." in words(reply)


@pytest.mark.parametrize(
    ("proof", "entry"), [("1.0", "4.1"), ("1,5", "4100")], ids=["a decimal point", "a decimal comma"]
)
def test_a_number_whose_mark_another_cell_decides_is_shown_as_read(paste, proof, entry):
    reply = paste(f"ApplicantIncome\tCoapplicantIncome\n4.100\t{proof}")
    assert entries_of(reply)["applicant_income"] == entry
    assert f"Check these numbers: Applicant's income: 4.100 was read as {entry}" in words(reply)


def test_numbers_with_one_meaning_need_no_check(paste):
    assert "Check these numbers" not in words(paste("ApplicantIncome\tCoapplicantIncome\n4100\t1,500.5"))
    assert "Check these numbers" not in words(paste("ApplicantIncome\tCoapplicantIncome\n4,100\t0"))


def test_headings_mean_what_they_mean_in_files(paste):
    reply = paste("Applicant-Income (monthly)\tloan amount:\tLoan_Status\n5720\t110\tY")
    assert entries_of(reply) == {"applicant_income": "5720", "loan_amount": "110"}
    assert "No field for Loan_Status." in words(reply)


def test_a_number_that_a_row_leaves_open_is_asked_about(paste):
    reply = paste("ApplicantIncome\tCoapplicantIncome\n4.100\t0")
    assert entries_of(reply)["applicant_income"] == "4.100"
    assert "4.100 may mean 4,100 or 4.1" in words(reply)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\t2\t3", "3 cells were pasted without headings; 11 are expected (Gender, Married,"),
        (f"{HEADINGS}\n{ROW}\n{ROW}", "3 rows were pasted, and the form takes one."),
        (HEADINGS, "Only headings were pasted."),
        (f"{ROW}\n{ROW}", "Two rows were pasted, and the first has no heading of a field: 'LP001015'."),
        ("LoanAmount\tloan amount\n1\t2", "Two headings name LoanAmount."),
        ("", "No row of cells was pasted."),
        ("\t" * 30_000, "30,000 characters were pasted"),
    ],
)
def test_what_is_no_row_is_told_and_fills_nothing(paste, text, said):
    reply = paste(text)
    assert reply.status_code == 422
    assert f"Nothing was filled in. {said}" in words(reply)
    assert entries_of(reply) == {}


def test_a_quoted_cell_may_have_tabs_and_text_stays_text(paste):
    reply = paste('Loan_ID\tGender\n"<b>""A""</b>"\tMale')
    assert entries_of(reply) == {"loan_id": '<b>"A"</b>', "gender": "Male"}
    assert "<b>" not in reply.content.decode()


def test_nothing_is_stored(paste):
    paste(ROW)
    assert not Prediction.objects.exists()
