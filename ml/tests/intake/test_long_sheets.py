"""Sheets of more rows than are read at a time."""

import csv

import pytest

from ml.errors import DatasetError
from ml.tests.helpers import workbooks
from ml.tests.helpers.tables import HEADER, training_rows
from ml.tests.helpers.workbooks import xlsx

ROWS = 3_000
APPLICATION = [training_rows(1)[0][name] for name in HEADER]


def long_sheet(**rows):
    """A sheet of headings and equal rows with IDs of their own; `rows` replace some by their numbers."""
    sheet = [HEADER, *([f"LP{number}", *APPLICATION[1:]] for number in range(2, ROWS + 1))]
    for number, row in rows.items():
        sheet[int(number.removeprefix("row")) - 1] = row
    return xlsx(sheet)


def changed(column, cell):
    """The row of an application with another cell in a column."""
    return [cell if name == column else own for name, own in zip(HEADER, APPLICATION, strict=True)]


def test_each_row_stands_in_the_line_of_its_number(plain):
    lines = plain(long_sheet(row1500=[], row1501=["  "])).splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "Loan_ID", *(f"LP{number}" if number not in (1500, 1501) else "" for number in range(2, ROWS + 1))
    ]  # fmt: skip


def test_errors_are_counted_in_all_rows_and_the_first_one_is_named(understood):
    early, late = changed("LoanAmount", workbooks.NOT_AVAILABLE), changed("Gender", workbooks.DIVISION)
    assert understood(long_sheet(row1400=early, row1401=late, row2500=late)).notes == [
        "3 cells hold an error value such as #N/A."
    ]


def test_an_error_far_down_is_refused_in_its_row(previewed):
    row = changed("LoanAmount", workbooks.DIVISION)
    (fault,) = previewed(long_sheet(row2345=row)).faults
    assert (fault.line, fault.column, fault.value) == (2345, "LoanAmount", "#DIV/0! (error)")


def test_a_value_far_down_behind_the_headings_is_refused(understood):
    with pytest.raises(DatasetError, match="above the values of column 14"):
        understood(long_sheet(row2345=["LP2345", *APPLICATION[1:], "x"]))


def test_a_text_with_commas_and_quotes_is_the_same_cell_of_plain_csv(plain):
    text = 'Shah, "Ann"'
    rows = [*csv.reader(plain(long_sheet(row2345=[text, *APPLICATION[1:]])).splitlines())]
    assert (rows[2344][0], rows[2345][0], len(rows)) == (text, "LP2346", ROWS)


def test_a_text_far_down_may_contradict_the_decimal_mark_of_the_first(understood):
    row = changed("ApplicantIncome", "5.849,50")
    with pytest.raises(DatasetError, match=r"the number '5.849,50' in line 2345 has a decimal comma"):
        understood(long_sheet(row2345=row))
