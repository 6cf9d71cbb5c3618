"""The form of a CSV file: encoding, delimiter, header, shape of rows."""

import pytest

from ml.errors import DatasetError
from ml.products.loan_prediction.schema import built_in
from ml.tables.training_csv import read_applications_csv
from ml.tests.helpers.tables import HEADER, csv_text, training_rows

SCHEMA = built_in()

ROWS = training_rows(3)
GOOD = csv_text(ROWS)


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_applications_csv(SCHEMA, path)

    return read


def fault_of(read, content):
    with pytest.raises(DatasetError) as refusal:
        read(content)
    (fault,) = refusal.value.faults
    return fault


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        csv_text(ROWS, delimiter=";"),
        csv_text(ROWS, delimiter="\t"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("\n", "\n\n"),
        GOOD.rstrip("\n"),
        GOOD.replace(",", " , "),
        csv_text(ROWS, header=HEADER[::-1]),
    ],
    ids=["mark", "semicolon", "tab", "CRLF", "CR", "blank lines", "no last newline", "spaces", "order"],
)
def test_the_same_table_may_be_written_in_many_ways(read, content):
    assert read(content) == read(GOOD)


def test_extra_columns_are_ignored(read):
    rows = [row | {"Note": "x", "": str(number)} for number, row in enumerate(ROWS)]
    assert read(csv_text(rows, header=("", *HEADER, "Note"))) == read(GOOD)


def test_a_newline_in_quotes_is_part_of_its_cell(read):
    rows = [row | {"Note": "two\nlines"} for row in ROWS]
    rows[1]["Gender"] = "?"
    fault = fault_of(read, csv_text(rows, header=(*HEADER, "Note")))
    assert (fault.line, fault.column) == (4, "Gender")


@pytest.mark.parametrize("line", ["LP-9,Male", "LP-9" + ",1" * 30])
def test_a_ragged_row_is_named_by_its_line(read, line):
    fault = fault_of(read, GOOD + line + "\n")
    assert fault.line == 5
    assert f"13 cells are expected, as in the header, not {line.count(',') + 1}" in fault.expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("Gender", *HEADER), "the column 'Gender' appears 2 times"),
        (("", "", *HEADER), "the column '' appears 2 times"),
        (("gender", *HEADER), "the columns 'gender', 'Gender' all mean Gender"),
        (("Loan Status", *HEADER), "the columns 'Loan Status', 'Loan_Status' all mean Loan_Status"),
        (HEADER[1:], "the column Loan_ID is missing"),
    ],
)
def test_a_bad_header_is_refused(read, header, expected):
    fault = fault_of(read, ",".join(header) + "\n" + ",".join("1" for _ in header) + "\n")
    assert (fault.line, fault.expected) == (1, expected)


@pytest.mark.parametrize("heading", ["Loan Amount", "loan-amount", "LOAN_AMOUNT", " loanamount "])
def test_case_spaces_hyphens_and_underscores_of_a_heading_do_not_matter(read, heading):
    assert read(GOOD.replace("LoanAmount", heading)) == read(GOOD)


def test_a_required_column_of_another_name_is_missing(read):
    fault = fault_of(read, GOOD.replace("ApplicantIncome", "Income"))
    assert (fault.line, fault.expected) == (1, "the column ApplicantIncome is missing")


def test_an_optional_column_may_be_absent(read):
    without = [name for name in HEADER if name != "LoanAmount"]
    assert read(csv_text(ROWS, header=without)) == read(csv_text([row | {"LoanAmount": ""} for row in ROWS]))


def test_latin_1_is_refused_with_its_line(read):
    fault = fault_of(read, GOOD.replace("LP-2", "LP-é").encode("latin-1"))
    assert (fault.line, fault.value, fault.expected) == (3, "b'\\xe9'", "UTF-8 text is expected")


def test_nul_in_a_cell_is_refused(read):
    fault = fault_of(read, GOOD.replace("LP-2", "LP\x002"))
    assert (fault.line, fault.column, fault.value) == (3, "Loan_ID", "LP\x002")


def test_an_empty_file_lacks_its_columns(read):
    with pytest.raises(DatasetError, match="line 1: the column Loan_ID is missing"):
        read(b"")


def test_a_header_alone_is_refused(read):
    fault = fault_of(read, ",".join(HEADER))
    assert (fault.line, fault.expected) == (2, "at least one row is expected")


def test_one_enormous_cell_is_refused(read):
    fault = fault_of(read, GOOD.replace("LP-2", "x" * 10**7))
    assert (fault.line, "field limit" in fault.expected) == (3, True)


@pytest.mark.slow
def test_a_header_of_very_many_columns_is_read(read):
    extra = tuple(f"column {number}" for number in range(100_000))
    assert read(csv_text(ROWS, header=(*HEADER, *extra))) == read(GOOD)


def test_a_quote_that_is_never_closed_is_refused(read):
    assert fault_of(read, GOOD.replace("LP-2", '"LP-2')).line == 3
