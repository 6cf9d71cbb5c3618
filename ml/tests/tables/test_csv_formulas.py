"""No spreadsheet may run a cell of a file (`ml.tables.safe_csv`), at every reader."""

import csv

import pytest

from ml.__main__ import main
from ml.products.loan_prediction.schema import built_in
from ml.tables.block_reader import BlockReader
from ml.tables.safe_csv import escape_formula
from ml.tables.training_csv import read_applications_csv, read_training_table
from ml.tests.helpers.tables import csv_text, training_rows
from ml.tests.tables.test_bulk import stream_of

SCHEMA = built_in()

TEXTS = ["=x", "'=x", "''=x", "+1", "-1", "@a", "'a", "'", "a'=b", "LP-1"]


def file_of(texts):
    return csv_text([training_rows(1)[0] | {"Gender": "Female", "Loan_ID": text} for text in texts])


def loan_ids_in(content):
    read, blocks = BlockReader(SCHEMA), stream_of(content).blocks()
    return [loan_id for block in blocks for loan_id in read(block).loan_ids]


@pytest.mark.parametrize("spelt", ["Female", " Female", '"Female"'])
def test_the_readers_of_large_files_know_every_text(spelt):
    assert loan_ids_in(file_of(map(escape_formula, TEXTS)).replace("Female", spelt)) == TEXTS


def test_the_reader_of_whole_files_knows_every_text(tmp_path):
    (tmp_path / "in.csv").write_text(file_of(map(escape_formula, TEXTS)))
    assert [record.loan_id for record in read_applications_csv(SCHEMA, tmp_path / "in.csv")] == TEXTS


def test_a_training_file_knows_every_text():
    rows = training_rows(60)
    for row, text in zip(rows, TEXTS, strict=False):
        row["Loan_ID"] = escape_formula(text)
    records = read_training_table(SCHEMA, "in.csv", csv_text(rows).encode()).records
    assert [record.loan_id for record in records[: len(TEXTS) - 1]] == TEXTS[:-1]


def test_predict_writes_what_it_reads(saved, key_in_environment, tmp_path):
    (tmp_path / "in.csv").write_text(file_of(map(escape_formula, TEXTS)))
    files = ["--input", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out.csv")]
    assert main(["predict", "--model", str(saved.place / "scorecard"), *files]) == 0
    with (tmp_path / "out.csv").open(newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == [*map(escape_formula, TEXTS)]
