"""Training asks whether a column's unit can be right, and takes a column that is confirmed by name."""

import copy

import pytest

from ml.__main__ import main
from ml.applications.records import columns_of
from ml.products.loan_prediction.schema import built_in
from ml.tables.plausibility import ImplausibleTable, check_plausible
from ml.tables.training_csv import read_training_table

SCHEMA = built_in()


@pytest.fixture(scope="module")
def columns(sample_csv):
    return columns_of(SCHEMA, read_training_table(SCHEMA, "sample.csv", sample_csv.read_bytes()).records)


def scaled(columns, factor, *names):
    return dict(columns) | {name: [v if v is None else v * factor for v in columns[name]] for name in names}


def refused(columns, confirmed=()):
    with pytest.raises(ImplausibleTable) as refusal:
        check_plausible(SCHEMA, "table.csv", columns, confirmed)
    return [found.column for found in refusal.value.columns]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("ApplicantIncome", 5.849),
        ("CoapplicantIncome", 4.1),
        ("LoanAmount", 128_000.0),
        ("Loan_Amount_Term", 30.0),
    ],
)
def test_a_column_that_is_off_as_a_whole_is_refused_by_name(columns, column, value):
    count = len(columns[column])
    assert refused(dict(columns) | {column: [value] * count}) == [column]


@pytest.mark.parametrize(
    ("names", "factor"),
    [
        (("ApplicantIncome", "CoapplicantIncome"), 0.001),
        (("ApplicantIncome", "CoapplicantIncome"), 12),
        (("LoanAmount",), 10),
        (("Loan_Amount_Term",), 1 / 12),
    ],
)
def test_columns_in_another_unit_are_refused(columns, names, factor):
    assert refused(scaled(columns, factor, *names)) == list(names)


def test_a_part_of_a_column_in_another_unit_is_refused(columns):
    mixed = [v and v * 1000 if row % 5 == 0 else v for row, v in enumerate(columns["LoanAmount"])]
    assert refused(dict(columns) | {"LoanAmount": mixed}) == ["LoanAmount"]


def test_incomes_that_no_instalment_fits_are_refused_though_each_is_usual(columns):
    assert refused(scaled(columns, 0.1, "ApplicantIncome", "CoapplicantIncome")) == ["LoanAmount"]


def test_the_sample_passes_and_so_do_incomes_of_zero(columns):
    assert check_plausible(SCHEMA, "sample.csv", columns) == []
    assert check_plausible(SCHEMA, "x.csv", dict(columns) | {"CoapplicantIncome": [0.0] * 614}) == []


def test_the_real_table_passes(real_table):
    table = read_training_table(SCHEMA, "training.csv", real_table.read_bytes())
    assert check_plausible(SCHEMA, table.name, columns_of(SCHEMA, table.records)) == []


def test_only_a_column_that_is_confirmed_by_name_passes(columns):
    odd = scaled(columns, 1000, "LoanAmount") | {"Loan_Amount_Term": [30.0] * 614}
    assert refused(odd, ["LoanAmount"]) == ["Loan_Amount_Term"]
    vouched = check_plausible(SCHEMA, "table.csv", odd, ["LoanAmount", "Loan_Amount_Term", "ApplicantIncome"])
    assert [found.column for found in vouched] == ["LoanAmount", "Loan_Amount_Term"]


def test_the_refusal_names_column_median_expectation_and_the_way_to_confirm(columns):
    with pytest.raises(ImplausibleTable) as refusal:
        check_plausible(SCHEMA, "table.csv", dict(columns) | {"LoanAmount": [128_000.0] * 614})
    said = str(copy.copy(refusal.value))  # as when an error travels between processes
    assert "LoanAmount: the median is 128,000 and 100% of the values are unusual" in said
    assert "5 to 1,000 thousands is expected" in said
    assert "--confirm LoanAmount" in said


@pytest.mark.slow
def test_the_command_trains_on_a_confirmed_column_and_says_so(
    sample_csv, tmp_path, key_in_environment, capsys
):
    header, *rows = sample_csv.read_text().splitlines()
    data = tmp_path / "terms.csv"
    place = header.split(",").index("Loan_Amount_Term")
    cells = [row.split(",") for row in rows]
    lines = [",".join([*row[:place], "30", *row[place + 1 :]]) for row in cells]
    data.write_text("\n".join([header, *lines]) + "\n")
    command = ["train", "--data", str(data), "--model", str(tmp_path / "model")]
    assert main(command) == 2
    assert "Loan_Amount_Term: the median is 30" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
    assert main([*command, "--confirm", "Loan_Amount_Term"]) == 0
    assert "Confirmed units, Loan_Amount_Term: the median is 30" in capsys.readouterr().out
