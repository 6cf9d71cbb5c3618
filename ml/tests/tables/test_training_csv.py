"""Reading a training table: every fault is named by line, column, value and expectation."""

import hashlib

import pytest

from ml.errors import DatasetError
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import read_training_csv
from ml.tables.training_csv import read_applications_csv
from ml.tests.helpers.tables import HEADER, csv_text, training_rows

SCHEMA = built_in()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def faults_of(path, read=read_training_csv):
    with pytest.raises(DatasetError) as refusal:
        read(SCHEMA, path)
    return refusal.value.faults


def test_a_good_table_is_read(path):
    path.write_text(csv_text(training_rows(30)))
    dataset = read_training_csv(SCHEMA, path)
    assert dataset.frame.shape == (30, len(SCHEMA.columns))
    assert dataset.y.sum() == 20
    assert (dataset.name, dataset.synthetic) == ("table.csv", False)


def test_the_digest_is_that_of_the_file_s_bytes(path):
    path.write_text(csv_text(training_rows()))
    assert read_training_csv(SCHEMA, path).digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("Gender", "mail", "Female, Male"),
        ("Dependents", "4", "0, 1, 2, 3+"),
        ("Education", "", "A value is required"),
        ("ApplicantIncome", "1_000", "not a number"),
        ("CoapplicantIncome", "-1", "too small; expected a number from 0"),
        ("LoanAmount", "128000000", "too large; expected a number above 0"),
        ("Credit_History", "2", "one of 1, 0"),
        ("Loan_Status", "late", "one of Y (also yes, true, 1, approved), N (also no, false, 0, rejected), "),
        ("Loan_ID", "", "a value is required"),
        ("Loan_ID", "x" * 65, "expected text of 1 to 64 printable characters"),
        ("Loan_ID", "LP-1", "this Loan_ID is already in line 2"),
    ],
)
def test_a_bad_cell_is_named_by_line_column_value_and_expectation(path, column, value, expected):
    rows = training_rows()
    rows[3][column] = value
    path.write_text(csv_text(rows))
    (fault,) = faults_of(path)
    assert (fault.line, fault.column, fault.value) == (5, column, value)
    assert expected in fault.expected


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_refused_rows_are_left_out_on_wish_with_their_reasons(path, delimiter):
    rows = training_rows(40)
    rows[3] |= {"Gender": "?", "LoanAmount": "much"}
    rows[5] |= {"Gender": 'a "b"\n, c'}
    rows[7] |= {"Loan_ID": "LP-1"}
    rows[9] |= {"Loan_Status": "late"}
    path.write_text("\n" + csv_text(rows, delimiter=delimiter))
    dataset = read_training_csv(SCHEMA, path, leave_refused_out=True)
    assert (len(dataset.y), dataset.left_out) == (36, 4)
    assert dataset.left_out_why == {
        "Gender, LoanAmount refused": 1,
        "Gender refused": 1,
        "Loan_ID refused": 1,
        "Loan_Status refused": 1,
    }


def test_a_table_without_refused_rows_is_the_same_on_wish(path):
    path.write_text(csv_text(training_rows()))
    assert (
        read_training_csv(SCHEMA, path, leave_refused_out=True).digest
        == read_training_csv(SCHEMA, path).digest
    )


def test_too_few_rows_are_refused_once_the_refused_ones_are_left_out(path):
    rows = training_rows()
    for row in rows[:25]:
        row["LoanAmount"] = "much"
    path.write_text(csv_text(rows))
    with pytest.raises(DatasetError, match="at least 10 rows with Loan_Status N are expected"):
        read_training_csv(SCHEMA, path, leave_refused_out=True)


@pytest.mark.parametrize("word", ["leave out", "Exclude", "", "Leave out: asked twice"])
def test_a_row_whose_outcome_says_so_is_left_out_unread(path, word):
    rows = training_rows()
    rows[3] |= {"Loan_Status": word, "Gender": "?"}
    path.write_text("\n\n" + csv_text(rows))
    dataset = read_training_csv(SCHEMA, path)
    assert (len(dataset.y), dataset.left_out) == (29, 1)


@pytest.mark.parametrize(
    ("yes", "no"), [("y", "n"), ("Yes", "NO"), ("1", "0"), ("TRUE", "FALSE"), ("Approved", "not approved")]
)
def test_outcomes_are_read_as_people_write_them(path, yes, no):
    rows = training_rows(30)
    path.write_text(csv_text(rows))
    expected = read_training_csv(SCHEMA, path).y
    for row in rows:
        row["Loan_Status"] = yes if row["Loan_Status"] == "Y" else no
    path.write_text(csv_text(rows))
    assert read_training_csv(SCHEMA, path).y.tolist() == expected.tolist()


def test_every_bad_cell_is_named_in_the_order_of_lines(path):
    rows = training_rows()
    rows[1][SCHEMA.target.column] = rows[0]["Gender"] = rows[2]["Married"] = "?"
    path.write_text(csv_text(rows))
    assert [fault.line for fault in faults_of(path)] == [2, 3, 4]


def test_a_message_shows_the_first_faults_and_counts_the_others(path):
    path.write_text(csv_text([row | {"Gender": "?"} for row in training_rows(30)]))
    with pytest.raises(DatasetError) as refusal:
        read_training_csv(SCHEMA, path)
    lines = str(refusal.value).splitlines()
    assert lines[1].startswith("line 2, column Gender, value '?': ")
    assert (len(lines), lines[-1]) == (22, "and 10 more")


def test_too_few_rows_of_a_class_are_refused(path):
    path.write_text(csv_text([row | {SCHEMA.target.column: "Y"} for row in training_rows()]))
    (fault,) = faults_of(path)
    assert fault.expected == "at least 10 rows with Loan_Status N are expected, not 0"


def test_a_table_without_outcomes_can_be_scored_but_not_trained_on(path):
    path.write_text(csv_text(training_rows(), header=HEADER[:-1]))
    assert len(read_applications_csv(SCHEMA, path)) == 30
    assert faults_of(path)[0].expected == "the column Loan_Status is missing"


def test_outcomes_do_not_matter_when_scoring(path):
    path.write_text(csv_text([row | {SCHEMA.target.column: "?"} for row in training_rows()]))
    assert len(read_applications_csv(SCHEMA, path)) == 30


def test_a_bad_cell_is_named_when_scoring_too(path):
    path.write_text(csv_text([training_rows()[0] | {"LoanAmount": "0"}]))
    (fault,) = faults_of(path, read_applications_csv)
    assert (fault.line, fault.column, fault.value) == (2, "LoanAmount", "0")


def test_a_file_that_is_not_there_is_named(path):
    with pytest.raises(DatasetError, match=r"table\.csv cannot be used:\nline 1: No such file"):
        read_training_csv(SCHEMA, path)
