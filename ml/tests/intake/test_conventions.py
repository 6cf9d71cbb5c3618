"""Whether the numbers of a file have a decimal point or a decimal comma is found from all its cells."""

import csv

import pytest

from ml.applications.number_texts import Convention
from ml.errors import DatasetError
from ml.tests.helpers.tables import HEADER, csv_text, training_rows

WHOLE = {"CoapplicantIncome": "0", "LoanAmount": "128", "Loan_Amount_Term": "360", "Credit_History": "1"}


def table(*incomes, delimiter=";", column="ApplicantIncome", **cells):
    rows = [
        row | WHOLE | {column: income} | cells
        for row, income in zip(training_rows(len(incomes)), incomes, strict=True)
    ]
    return csv_text(rows, HEADER, delimiter)


def incomes(text):
    return [row["ApplicantIncome"] for row in csv.DictReader(text.splitlines())]


FOUND = {
    "one decimal comma decides": (table("1.234", "5849,5"), ["1234", "5849.5"], Convention.COMMA, 1),
    "one decimal point decides": (table("1,234", "5849.5"), ["1,234", "5849.5"], Convention.POINT, 1),
    "grouping in threes decides": (table("1.234.567", "4.100"), ["1234567", "4100"], Convention.COMMA, 1),
    "currency and unit": (
        table("€ 5.849,50", "EUR 12 000 per month"),
        ["5849.5", "12000"],
        Convention.COMMA,
        1,
    ),
    "a dash for the cents decides": (table("1.234,-", "4.100"), ["1234", "4100"], Convention.COMMA, 1),
    "a dash behind a colon does not": (table("1 234:-", "5"), ["1234", "5"], None, 0),
    "whole numbers need none": (table("5849", "12 000"), ["5849", "12000"], None, 0),
    "commas between cells": (table("4.100", "5", delimiter=","), ["4.100", "5"], Convention.POINT, 0),
    "cells against the separator": (
        table("4.100", "5849,5", delimiter=","),
        ["4100", "5849.5"],
        Convention.COMMA,
        1,
    ),
}


@pytest.mark.parametrize(("content", "written", "convention", "count"), FOUND.values(), ids=FOUND)
def test_a_file_has_one_convention(plain, understood, content, written, convention, count):
    understanding = understood(content)
    assert (understanding.convention, understanding.evidence) == (convention, count)
    assert understanding.open_cells == []
    assert incomes(plain(content)) == written


def test_another_column_decides(plain):
    assert incomes(plain(table("4.100", LoanAmount="128,5"))) == ["4100"]


def test_the_words_name_what_decided(understood):
    content = table("5849,5", "1,5", "1.234")
    assert understood(content).evidence_words == "found from 2 cells with a decimal comma"
    assert understood(table("1", delimiter=",")).evidence_words == "found from the comma between cells"


def test_what_nothing_decides_stays_open(understood):
    (cell,) = understood(table("4.100", "4.100", "5849")).open_cells
    assert cell == (2, "ApplicantIncome", "4.100", "4.100", "4100")


def test_an_open_cell_is_refused_with_both_readings(previewed):
    (fault,) = previewed(table("4.100", "5849")).faults
    assert (fault.line, fault.value) == (2, "4.100")
    assert fault.expected.startswith("'4.100 (4100 or 4.1?)' is not a number")


@pytest.mark.parametrize(("decimal", "value"), [("comma", "4100"), ("point", "4.100")])
def test_a_person_may_decide(plain, decimal, value):
    assert incomes(plain(table("4.100"), decimal=Convention(decimal))) == [value]


def test_a_number_of_the_other_convention_is_refused_not_misread(previewed):
    (fault,) = previewed(table("0.125", "1,5"), decimal=Convention.COMMA).faults
    assert (fault.line, fault.value) == (2, "0.125")
    assert fault.expected.startswith("'0.125 (with a decimal point)' is not a number")


def test_a_contradiction_names_both_cells(understood):
    with pytest.raises(DatasetError) as refusal:
        understood(table("5849,5", "1", "0.125"))
    first, second = refusal.value.faults
    assert (first.line, first.value, second.line, second.value) == (2, "5849,5", 4, "0.125")
    assert "decimal comma, the number '0.125' in line 4 has a decimal point" in first.expected


def test_a_text_that_is_no_number_is_kept(plain):
    assert incomes(plain(table("n/a", "unknown", "5849,5"))) == ["n/a", "unknown", "5849.5"]
