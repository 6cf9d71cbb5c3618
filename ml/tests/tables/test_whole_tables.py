"""A table that is read in blocks has the records and the faults that its rows have one by one."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.products.loan_prediction.schema import built_in
from ml.tables.labels import Labels
from ml.tables.row_faults import read_row
from ml.tables.training_csv import check_training_table
from ml.tests.helpers.tables import HEADER, csv_text, training_rows

SCHEMA = built_in()
ROWS = training_rows(12)
GOOD = csv_text(ROWS)
# Gaps, decimals, wrong cells, repeated IDs, words of the outcome, and what a CSV file quotes.
_CELLS = ["", "NA", " 7 ", "128.25", "4.5e3", "-1", "mail", "male", "3+", "é", "x" * 65, "LP-1", " LP-2"]
_CELLS += ["leave out", "approved", "late", "a, b", 'a "b"', "a\nb", "a\0b"]
_places = st.tuples(st.integers(0, 11), st.sampled_from(HEADER))
_changes = st.dictionaries(_places, st.sampled_from(_CELLS), max_size=6)


def read_one_by_one(content):
    """Return the outcomes, the records by line and the faults of a table's rows, each read alone."""
    reader, labels = csv.reader(io.StringIO(content, newline="")), Labels(SCHEMA.target)
    outcomes, records, faults, lines = [], {}, [], {}
    header, start = next(filter(None, reader)), reader.line_num + 1
    for cells in reader:
        line, start, row = start, reader.line_num + 1, dict(zip(header, cells, strict=False))
        label = labels.read(row.get("Loan_Status", ""))
        if not cells or labels.leaves_out(label):
            continue
        outcomes.append(label)
        record, found = read_row(SCHEMA, line, row)
        faults += [(fault.line, fault.column, fault.value, fault.expected) for fault in found]
        if record is not None:
            records[line] = record
            first = lines.setdefault(record.loan_id, line)
            repeated = f"this Loan_ID is already in line {first}"
            faults += [(line, "Loan_ID", row["Loan_ID"], repeated)] if first != line else []
        if label not in SCHEMA.target.codes:
            expected = f"one of {labels.words()} is expected"
            faults.append((line, "Loan_Status", row["Loan_Status"], expected))
    return outcomes, records, faults


def assert_read_alike(content):
    table = check_training_table(SCHEMA, "in.csv", content.encode())
    of_rows = [f for f in table.faults if "rows with" not in f.expected and "at least one" not in f.expected]
    faults = [(fault.line, fault.column, fault.value, fault.expected) for fault in of_rows]
    assert (table.labels, table.records, faults) == read_one_by_one(content)


@settings(max_examples=30)
@given(_changes)
def test_a_table_is_checked_as_its_rows_are_one_by_one(changes):
    rows = [dict(row) for row in ROWS]
    for (place, column), cell in changes.items():
        rows[place][column] = cell
    assert_read_alike(csv_text(rows))


@pytest.mark.parametrize(
    "content",
    [
        "\n\n" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("LP-5,", "\nLP-5,"),
        GOOD.replace("\nLP-5,", "\rLP-5,"),
        GOOD.replace("LP-5,", '"LP\r5",'),
        GOOD.replace("Female", "F" * 70_000, 1).replace("Urban", "U" * 70_000, 1),
        GOOD.replace(",Y\n", ",leave out\n"),
        GOOD.replace(",N\n", ",exclude\n").replace("LP-4,", "LP-2,"),
        csv_text(training_rows(12), header=[*HEADER[:-1], "Loan_Status", "Note"]).replace(",Y,\n", ",Y,né\n"),
    ],
    ids=["blank", "CRLF", "CR", "gap", "mixed", "CR in a cell", "long", "no good", "no bad", "note"],
)
def test_a_table_of_any_form_is_checked_as_its_rows_are_one_by_one(content):
    assert_read_alike(content)


def test_a_large_table_is_checked_as_its_rows_are_one_by_one():
    rows = [row | {"LoanAmount": f"{number}.25"} for number, row in enumerate(training_rows(20_000), 100)]
    rows[11_000] |= {"Gender": "mail"}
    rows[19_500] |= {"Loan_ID": "LP-3"}
    rows[2] |= {"Loan_Status": "leave out"}
    table = check_training_table(SCHEMA, "in.csv", csv_text(rows).encode())
    assert (len(table.blocks), table.left_out, len(table.records)) == (2, 1, 19_998)
    assert [(fault.line, fault.value) for fault in table.faults] == [(11_002, "mail")]
    assert table.records[19_999].loan_amount == 20_097.25
