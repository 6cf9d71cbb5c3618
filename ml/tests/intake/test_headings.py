"""Headings of people find their columns; guesses are marked as such."""

import time

import pytest

from ml.applications.number_texts import Convention
from ml.errors import DatasetError, InvalidValue
from ml.tests.helpers.tables import HEADER, csv_text, training_rows

ROWS = training_rows(3)
GOOD = csv_text(ROWS)


def meaning(understanding, text):
    return next((h.column, h.sure) for h in understanding.columns if h.text == text)


@pytest.mark.parametrize(
    ("column", "heading", "sure"),
    [
        ("Loan_ID", "loan id", "exact"),
        ("Loan_ID", "LOAN.ID", "exact"),
        ("ApplicantIncome", "Applicant-Income", "exact"),
        ("ApplicantIncome", "Applicant's income", "alias"),
        ("Loan_Amount_Term", "Term of the loan", "alias"),
        ("Loan_Amount_Term", "term", "similar"),
        ("CoapplicantIncome", "coapp. income", "similar"),
        ("LoanAmount", "amount (EUR)", "similar"),
        ("Credit_History", "credit hist", "similar"),
        ("Property_Area", "area", "similar"),
    ],
)
def test_a_heading_finds_its_column(understood, plain, column, heading, sure):
    content = ("," + GOOD).replace(f",{column},", f",{heading},", 1)[1:]
    understanding = understood(content)
    assert meaning(understanding, heading) == (column, sure)
    assert understanding.unsure == ([heading] if sure == "similar" else [])
    assert plain(content) == GOOD


@pytest.mark.parametrize(
    ("heading", "is_plain"),
    [("loan id", True), ("LOAN.ID", False), ("Applicant-Income", True), ("Applicant's income", False)],
)
def test_a_heading_that_the_readers_behind_do_not_know_is_rewritten(understood, heading, is_plain):
    column = "Loan_ID" if "id" in heading.lower() else "ApplicantIncome"
    content = ("," + GOOD).replace(f",{column},", f",{heading},", 1)[1:]
    assert understood(content).is_plain == is_plain


def test_a_wish_that_says_what_a_heading_says_leaves_a_file_plain(understood):
    assert understood(GOOD, columns={"Gender": "Gender", "LoanAmount": "LoanAmount"}).is_plain
    assert not understood(GOOD, columns={"Gender": ""}).is_plain


def test_a_heading_without_a_meaning_is_carried_along(understood):
    understanding = understood(csv_text([row | {"Branch": "4"} for row in ROWS], ("Branch", *HEADER)))
    assert meaning(understanding, "Branch") == (None, "")


def test_a_similar_heading_over_other_values_is_carried_along(understood):
    content = csv_text([row | {"Applicant Name": "Ann"} for row in ROWS], (*HEADER, "Applicant Name"))
    understanding = understood(content.replace(",ApplicantIncome", ",pay"))
    assert meaning(understanding, "Applicant Name") == (None, "")
    assert understanding.missing == ["ApplicantIncome"]


def test_an_enormous_heading_takes_no_time(understood):
    start = time.process_time()
    understood(csv_text([row | {"(" * 40_000: "4"} for row in ROWS], (*HEADER, "(" * 40_000)))
    assert time.process_time() - start < 5


def test_two_equally_similar_columns_tell_nothing(understood):
    content = GOOD.replace(",ApplicantIncome,CoapplicantIncome", ",income,pay")
    assert meaning(understood(content), "income") == (None, "")


def test_a_person_chooses_what_a_heading_means(understood, plain):
    content = GOOD.replace(",ApplicantIncome", ",pay")
    assert meaning(understood(content, columns={"pay": "ApplicantIncome"}), "pay") == (
        "ApplicantIncome",
        "chosen",
    )
    assert plain(content, columns={"pay": "ApplicantIncome"}) == GOOD


def test_a_person_carries_a_known_column_along(plain):
    assert "Gender (carried along)," in plain(GOOD, columns={"Gender": ""})


def test_a_column_that_does_not_exist_cannot_be_chosen(understood):
    with pytest.raises(InvalidValue, match="'Pay' is no column of Loan prediction"):
        understood(GOOD, columns={"Gender": "Pay"})


MISTYPED = {
    "case": (
        {"per": {"Loanamount": 1000.0}},
        "'Loanamount' is no column to divide; expected one of .*LoanAmount",
    ),
    "no numbers": ({"per": {"Gender": 2.0}}, "'Gender' has no numbers to divide"),
    "ID": ({"per": {"Loan_ID": 2.0}}, "'Loan_ID' is no column to divide"),
    "heading": ({"columns": {"Nope": "LoanAmount"}}, "'Nope' is no heading of the file; expected .*'Gender'"),
    "target": ({"columns": {"LoanAmount": "Loan_Status"}}, "'LoanAmount' cannot mean Loan_Status"),
    "sheet": ({"sheet": "x"}, "The sheet 'x' is not there: a text file has no sheets"),
}


@pytest.mark.parametrize(("wishes", "message"), MISTYPED.values(), ids=MISTYPED)
def test_a_mistyped_wish_is_refused_with_what_was_expected(understood, wishes, message):
    with pytest.raises(InvalidValue, match=message):
        understood(GOOD, **wishes)


def test_a_person_decides_between_two_headings_of_a_column(plain):
    rows = [row | {"gender": "?"} for row in ROWS]
    content = csv_text(rows, (*HEADER, "gender"))
    with pytest.raises(DatasetError, match="all mean Gender"):
        plain(content)
    assert plain(content, columns={"gender": ""}).startswith(GOOD.split("\n")[0] + ",gender (carried along)")


def test_amounts_in_units_suggest_a_divisor_that_is_not_applied(understood, plain):
    content = csv_text([row | {"LoanAmount": "128000"} for row in ROWS])
    assert understood(content).per_suggested == {"LoanAmount": 1000}
    assert ",128000," in plain(content)


def test_amounts_are_divided_if_a_person_says_so(plain):
    amounts = ("128.500", "", "x")
    rows = [row | {"LoanAmount": amount} for row, amount in zip(ROWS, amounts, strict=True)]
    content = csv_text(rows, delimiter=";").replace(".0;", ";")
    lines = plain(content, per={"LoanAmount": 1000.0}, decimal=Convention.COMMA).splitlines()
    assert [line.split(",")[HEADER.index("LoanAmount")] for line in lines[1:]] == ["128.5", "", "x"]


@pytest.mark.parametrize(
    ("amount", "divided"),
    [("$128,000", "128"), ("128,000", "128"), ("€ 2,500,000", "2500"), ("0.5", "0.0005"), ("128k", "128k")],
)
def test_a_text_with_a_currency_is_divided_and_one_with_a_magnitude_is_not(plain, amount, divided):
    content = csv_text([row | {"LoanAmount": amount} for row in ROWS], delimiter="\t")
    lines = plain(content, per={"LoanAmount": 1000.0}, decimal=Convention.POINT).splitlines()
    assert lines[1].split(",")[HEADER.index("LoanAmount")] == divided


def test_usual_amounts_suggest_no_divisor(understood):
    assert understood(GOOD).per_suggested == {}
