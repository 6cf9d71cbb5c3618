"""Sheets of workbooks are read like CSV files; what may run code or fill the memory is refused."""

import csv
from pathlib import Path

import pytest

from ml.errors import CompressedFile, DatasetError
from ml.tests.helpers import workbooks
from ml.tests.helpers.tables import HEADER, csv_text, training_rows
from ml.tests.helpers.workbooks import xlsx, zipped

STORED = Path(__file__).parent / "stored"
ROWS = training_rows(3)
GOOD = csv_text(ROWS).replace(".0,", ",")


def typed(row):
    return [float(row[name]) if row[name].replace(".", "").isdigit() else row[name] for name in HEADER]


def sheet(**cells):
    """The rows of a sheet; `cells` are those of the first application."""
    first, *others = ROWS
    changed = [cells.get(name, cell) for name, cell in zip(HEADER, typed(first), strict=True)]
    return [HEADER, changed, *map(typed, others)]


def test_a_sheet_is_the_same_table_as_a_csv_file(plain, understood):
    assert plain(xlsx(sheet()), "in.xlsx") == GOOD
    understanding = understood(xlsx(sheet()), "in.xlsx")
    assert (understanding.kind, understanding.is_plain, understanding.notes) == ("xlsx", False, [])


def test_the_content_tells_a_workbook_not_the_name(understood):
    assert understood(xlsx(sheet()), "in.csv").kind == "xlsx"


def test_rows_keep_their_numbers(plain):
    rows = sheet()
    content = xlsx([["Applications of November"], [], *rows[:2], [], *rows[2:]])
    header, first, *others = GOOD.splitlines(keepends=True)
    assert plain(content) == "".join(["\n\n", header, first, "\n", *others])


WRITTEN = {
    "whole": (360.0, "360"),
    "fraction": (0.1, "0.1"),
    "small": (1.5e-07, "0.00000015"),
    "formula": (workbooks.FORMULA, "5849.5"),
    "truth": (workbooks.TRUE, "TRUE"),
    "date": (workbooks.DATE, "2024-05-06"),
    "text": ("007", "007"),
    "error": (workbooks.DIVISION, "#DIV/0! (error)"),
    "error of a missing value": (workbooks.NOT_AVAILABLE, "#N/A (error)"),
    "line break": ("two\nlines", "two lines"),
}


@pytest.mark.parametrize(("cell", "text"), WRITTEN.values(), ids=WRITTEN)
def test_a_cell_is_written_as_its_value(plain, cell, text):
    lines = plain(xlsx([["Note", *HEADER], *([cell, *row] for row in sheet()[1:])])).splitlines()
    assert lines[1].split(",")[0] == text


def test_a_truth_value_is_read_as_yes(previewed):
    counts = previewed(xlsx(sheet(Credit_History=workbooks.TRUE, Married=workbooks.TRUE)))
    assert (counts.refused, counts.rows[0].cells[HEADER.index("Married")].words) == (0, "Yes")


def test_a_truth_value_of_a_free_office_is_read_as_yes(previewed, plain):
    header, first, *_ = csv.reader(GOOD.splitlines())
    first[HEADER.index("Married")] = workbooks.TRUE_FORMULA
    content = workbooks.ods([header, first])
    assert previewed(content).rows[0].cells[HEADER.index("Married")].words == "Yes"
    assert plain(content).splitlines()[1].split(",")[HEADER.index("Married")] == "TRUE"


ERRORS = {
    "missing": (workbooks.NOT_AVAILABLE, "#N/A (error)"),
    "division": (workbooks.DIVISION, "#DIV/0! (error)"),
    "reference": (workbooks.Raw('<c r="{place}" t="e"><v>#REF!</v></c>'), "#REF! (error)"),
    "formula": (
        workbooks.Raw('<c r="{place}"><f>A1</f><v/></c>'),
        "formula without a stored value: open and save the workbook",
    ),
}


@pytest.mark.parametrize(("cell", "text"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_no_id(previewed, cell, text):
    seen = previewed(xlsx(sheet(Loan_ID=cell)))
    assert [(fault.column, fault.value) for fault in seen.faults] == [("Loan_ID", text)]
    assert "not an error of the spreadsheet" in seen.rows[0].cells[0].fault


def test_an_error_is_told_and_refused_not_missing(previewed, understood):
    content = xlsx(sheet(LoanAmount=workbooks.NOT_AVAILABLE, ApplicantIncome=workbooks.DIVISION))
    assert understood(content).notes == ["2 cells hold an error value such as #DIV/0!."]
    faults = {fault.column: fault.value for fault in previewed(content).faults}
    assert faults == {"LoanAmount": "#N/A (error)", "ApplicantIncome": "#DIV/0! (error)"}


@pytest.mark.parametrize("number", ["NaN", "inf", "-inf", "1e999"])
def test_a_number_beyond_all_numbers_is_refused(previewed, number):
    content = xlsx(sheet(LoanAmount=workbooks.Raw(f'<c r="{{place}}"><v>{number}</v></c>')))
    (fault,) = previewed(content).faults
    assert (fault.line, fault.column, fault.value) == (2, "LoanAmount", f"{float(number)} (error)")


@pytest.mark.parametrize(
    "cell",
    ["<f>A1*2</f><v></v></c>", "<f>A1*2</f><v/></c>", '<f t="shared" si="0"/></c>', "<f>A1 </f> </c>"],
)
def test_a_formula_without_a_stored_value_is_refused_not_missing(previewed, understood, cell):
    content = xlsx(sheet(LoanAmount=workbooks.Raw(f'<c r="{{place}}">{cell}')))
    (fault,) = previewed(content).faults
    assert (fault.column, fault.value) == (
        "LoanAmount", "formula without a stored value: open and save the workbook",
    )  # fmt: skip
    assert understood(content).notes == ["1 formula has no stored value: open and save the workbook."]


def test_a_formula_of_an_empty_text_is_missing(previewed):
    content = xlsx(sheet(LoanAmount=workbooks.Raw('<c r="{place}" t="str"><f>""</f><v></v></c>')))
    assert previewed(content).faults == []


@pytest.mark.parametrize("kind", ["t='e'", 't = "e"', "t ='e'"])
def test_an_error_is_found_in_any_spelling_of_xml(previewed, kind):
    content = xlsx(sheet(LoanAmount=workbooks.Raw(f'<c r="{{place}}" {kind}><v>#N/A</v></c>')))
    assert [fault.value for fault in previewed(content).faults] == ["#N/A (error)"]


def test_hidden_rows_are_told(understood):
    hidden = workbooks.Raw('</row><row r="9" hidden="1">')
    assert understood(xlsx([*sheet(), [hidden]])).notes == [
        "The workbook has 1 hidden row; they are read too."
    ]


def test_text_cells_have_their_own_convention(plain):
    lines = plain(xlsx(sheet(ApplicantIncome="5.849,50", LoanAmount=128.125))).splitlines()
    assert lines[1].split(",")[6:9] == ["5849.50", "1500", "128.125"]


def test_merged_cells_and_long_numbers_are_told(understood):
    content = xlsx(
        [["Note", *HEADER], *([12345678901234567.0, *row] for row in sheet()[1:])], merged=["A2:A3"]
    )
    assert understood(content).notes == [
        "1 merged area: only the first cell of an area has its value.",
        "3 numbers have more than 15 digits; spreadsheets lose the last ones.",
    ]


def test_a_number_may_head_a_column(understood):
    content = xlsx([[5.0, *HEADER], *(["x", *row] for row in sheet()[1:])])
    assert understood(content).headings[0] == "5"


def test_a_sheet_can_be_named(understood):
    content = xlsx(sheet(), [["nothing"]], **{"Branch 4": sheet()})
    understanding = understood(content, sheet="Branch 4")
    assert (understanding.sheet, understanding.sheets) == ("Branch 4", ["Sheet1", "Sheet2", "Branch 4"])
    assert understanding.notes == ["Sheet 'Branch 4' is read, one of 3 sheets."]
    assert understood(content).sheet == "Sheet1"


def test_a_sheet_that_does_not_exist_is_refused(understood):
    with pytest.raises(DatasetError, match="one of the sheets 'Sheet1' is expected, not 'Branch 4'"):
        understood(xlsx(sheet()), sheet="Branch 4")


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_older_and_free_kinds_are_read_with_their_errors(understood, previewed, kind):
    content = (STORED / f"errors.{kind}").read_bytes()
    understanding = understood(content, sheet="Branch 4")
    assert (understanding.kind, understanding.header_row) == (kind, 2)
    assert understanding.notes[1:] == ["2 cells hold an error value such as #DIV/0!."]
    faults = previewed(content, sheet="Branch 4").faults
    assert (4, "ApplicantIncome", "#DIV/0! (error)") in [(f.line, f.column, f.value) for f in faults]
    assert (5, "LoanAmount", "#N/A (error)") in [(f.line, f.column, f.value) for f in faults]


def password_xls():
    """Return a workbook that begins like one with a password: its first records say so."""
    return (STORED / "errors.xls").read_bytes().replace(b"\x42\x00\x02\x00", b"\x2f\x00\x02\x00", 1)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
ODS = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ""}
KINDS = {
    "macros": (xlsx(sheet(), more={"xl/vbaProject.bin": "x"}), "with macros"),
    "macros by name": (xlsx(sheet()), "with macros"),
    "macros of an .xls file": (OLE + "_VBA_PROJECT_CUR".encode("utf-16-le"), "with macros"),
    "macros of an .ods file": (zipped(ODS | {"Basic/Standard/script-lb.xml": ""}), "with macros"),
    "password": (OLE + "EncryptedPackage".encode("utf-16-le"), "with a password"),
    "password of an .xls file": (password_xls(), "with a password"),
    "password of an .ods file": (
        zipped(ODS | {"META-INF/manifest.xml": "<manifest:encryption-data/>"}), "with a password",
    ),
    "binary workbook": (zipped({"xl/workbook.bin": "x"}), "save it as .xlsx or CSV"),
    "text document": (OLE + "WordDocument".encode("utf-16-le"), "not another document"),
    "zip": (zipped({"in.csv": GOOD}), "not a zip archive"),
    "damaged zip": (b"PK\x03\x04" + bytes(100), "this archive is damaged"),
    "gzip": (b"\x1f\x8b" + bytes(20), "not a gzip file"),
    "too large": (xlsx(sheet(), more={"x": bytes(65 << 20)}), "not 65 MiB; save the sheet as CSV"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), KINDS.values(), ids=KINDS)
def test_archives_macros_and_passwords_are_refused(understood, content, message):
    with pytest.raises(CompressedFile, match=message):
        understood(content, "in.xlsm" if message == "with macros" else "in.xlsx")


def test_macros_are_refused_in_any_case(understood):
    with pytest.raises(CompressedFile, match="with macros"):
        understood(xlsx(sheet(), more={"xl/VBAPROJECT.BIN": "x"}), "in.xlsx")


def test_a_cell_far_away_ends_only_the_child(understood):
    far = workbooks.Raw('<c r="A1"/></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>')
    with pytest.raises(DatasetError, match="too much memory or time to read; save the sheet as CSV"):
        understood(xlsx([*sheet(), [far]]))


@pytest.mark.slow
def test_too_many_rows_are_refused(understood):
    with pytest.raises(DatasetError, match="at most 250,000 rows is expected; save the sheet as CSV"):
        understood(xlsx([["x"]] * 250_002))


def test_a_workbook_that_cannot_be_read_is_refused(understood):
    with pytest.raises(DatasetError, match="the workbook cannot be read"):
        understood(xlsx(sheet(), more={"xl/workbook.xml": "<workbook"}))


def test_values_without_a_heading_are_refused(understood):
    with pytest.raises(DatasetError, match="a heading is expected in row 1 above the values of column 14"):
        understood(xlsx([HEADER, *([*row, "x"] for row in sheet()[1:])]), "in.xlsx")


def test_faults_of_a_sheet_name_rows_and_those_of_a_text_file_lines(understood):
    with pytest.raises(DatasetError, match=r"in.XLSX cannot be used:\nrow 2: at least one row"):
        understood(xlsx([HEADER]), "in.XLSX")
    with pytest.raises(DatasetError, match=r"in.csv cannot be used:\nline 2: at least one row"):
        understood(",".join(HEADER), "in.csv")


def test_numbers_that_contradict_each_other_name_the_place_of_the_other(understood):
    rows = sheet(ApplicantIncome="1.234,5", CoapplicantIncome="1,234.5")
    with pytest.raises(DatasetError, match=r"the number '1,234.5' in row 2 has a decimal point"):
        understood(xlsx(rows), "in.xlsx")


def test_rows_above_the_headings_are_named_as_the_file_counts_them(understood):
    title = ["Applications of November"]
    assert "Row 1 above the headings is not read." in understood(xlsx([title, *sheet()]), "in.xlsx").notes
    assert "Line 1 above the headings is not read." in understood(f"{title[0]}\n{GOOD}", "in.csv").notes
