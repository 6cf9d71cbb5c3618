"""The commands of the library read what a person's file is, and ask nobody."""

import argparse
import csv
import os

import pytest

from ml.__main__ import main
from ml.artefacts import store
from ml.commands.file_options import add_file_options, add_label_option, wishes_of
from ml.errors import DatasetError
from ml.intake.alone import plain_table
from ml.intake.understanding import Wishes
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import read_training_csv
from ml.tests.helpers.tables import csv_text, training_rows
from ml.tests.helpers.workbooks import xlsx

SCHEMA = built_in()
INCOMES = ("ApplicantIncome", "CoapplicantIncome")


@pytest.fixture(params=["xlsx", "csv"])
def given(request, sample_csv, tmp_path):
    """The sample as a workbook, and as CSV with semicolons and decimal commas."""
    header, *rows = csv.reader(sample_csv.read_text().splitlines())
    path = tmp_path / f"given.{request.param}"
    if request.param == "xlsx":
        path.write_bytes(xlsx([header, *([_number(cell) for cell in row] for row in rows)]))
        return path
    german = [[_german(*pair) for pair in zip(header, row, strict=True)] for row in rows]
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows([["Zeile", *header], *(["ä", *row] for row in german)])
    return path


def _number(cell):
    return float(cell) if cell.isdecimal() else cell


def _german(name, cell):
    return f"{float(cell):,.2f}".translate({ord(","): ".", ord("."): ","}) if name in INCOMES else cell


def predict(model, source, output, *options):
    files = ["--input", str(source), "--output", str(output)]
    return main(["predict", "--model", str(model), *files, *options])


def test_a_training_table_is_the_same_however_it_is_written(given, sample_csv):
    expected = read_training_csv(SCHEMA, sample_csv)
    with plain_table(SCHEMA, given, training=True) as plain:
        read = read_training_csv(SCHEMA, plain)
    assert read.frame.equals(expected.frame)
    assert read.y.tolist() == expected.y.tolist()


@pytest.mark.slow
def test_a_model_of_any_file_has_the_same_points(given, trained, key, key_in_environment, tmp_path):
    assert main(["train", "--data", str(given), "--model", str(tmp_path / "model")]) == 0
    assert store.load(tmp_path / "model", key).predictor.to_json() == trained.scorecard.to_json()


def test_predictions_are_the_same_however_a_file_is_written(
    given, sample_csv, saved, key_in_environment, tmp_path
):
    for source, output in ((sample_csv, "plain.csv"), (given, "out.csv")):
        assert predict(saved.place / "scorecard", source, tmp_path / output) == 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "plain.csv").read_bytes()


@pytest.fixture
def open_file(tmp_path):
    """A file in which 4.100 may be 4100 or 4.1."""
    rows = [row | {"ApplicantIncome": "4.100", "CoapplicantIncome": "0"} for row in training_rows(3)]
    (tmp_path / "open.csv").write_text(csv_text(rows).replace(",", ";").replace(".0;", ";"))
    return tmp_path / "open.csv"


def test_a_number_with_two_meanings_is_refused_with_both(open_file, saved, key_in_environment, capsys):
    assert predict(saved.place / "scorecard", open_file, open_file.with_name("out.csv")) == 2
    expected = "value '4.100': 4.100 or 4100 may be meant; give --decimal point or --decimal comma"
    assert expected in capsys.readouterr().err


def test_the_decimal_mark_is_an_option(open_file, saved, key_in_environment):
    assert (
        predict(saved.place / "scorecard", open_file, open_file.with_name("out.csv"), "--decimal", "comma")
        == 0
    )


def test_what_a_heading_means_is_an_option(saved, key_in_environment, tmp_path, capsys):
    (tmp_path / "in.csv").write_text(csv_text(training_rows(3)).replace("Education", "Edukation"))
    assert predict(saved.place / "scorecard", tmp_path / "in.csv", tmp_path / "out.csv") == 2
    assert 'or give --column "Edukation:Education"' in capsys.readouterr().err
    options = ["--column", "Edukation:Education"]
    assert predict(saved.place / "scorecard", tmp_path / "in.csv", tmp_path / "out.csv", *options) == 0


def test_a_sheet_is_an_option(saved, key_in_environment, tmp_path):
    header, *rows = csv.reader(csv_text(training_rows(3)).splitlines())
    (tmp_path / "in.xlsx").write_bytes(xlsx(Notes=[["nothing"]], Loans=[header, *rows]))
    options = ["--sheet", "Loans"]
    assert predict(saved.place / "scorecard", tmp_path / "in.xlsx", tmp_path / "out.csv", *options) == 0


def test_a_pipe_is_left_to_its_reader_and_takes_no_options(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with plain_table(SCHEMA, tmp_path / "pipe") as plain:
        assert plain == tmp_path / "pipe"
    with (
        pytest.raises(DatasetError, match="a file is expected with --decimal"),
        plain_table(SCHEMA, tmp_path / "pipe", Wishes(sheet="Loans")),
    ):
        pass


def test_the_plain_file_is_deleted(given):
    with plain_table(SCHEMA, given) as plain:
        assert plain.exists()
        assert plain != given
    assert not plain.exists()


def test_an_option_that_cannot_be_read_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["predict", "--input", "x", "--output", "y", "--column", "Income"])
    assert "'Income' is not of the form HEADING:COLUMN" in capsys.readouterr().err


def test_an_option_that_says_two_meanings_of_a_word_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["train", "--data", "x", "--label", "late:Y", "--label", "late:N"])
    assert "'late' is said to mean 'Y' and 'N'" in capsys.readouterr().err


def test_a_word_for_an_outcome_means_what_the_command_says(tmp_path):
    rows = [row | {"Loan_Status": {"Y": "won", "N": "N"}[row["Loan_Status"]]} for row in training_rows(30)]
    rows[0]["Loan_Status"] = "open"
    (tmp_path / "won.csv").write_text(csv_text(rows))
    with pytest.raises(DatasetError, match="value 'won': one of Y"):
        read_training_csv(SCHEMA, tmp_path / "won.csv")
    with plain_table(
        SCHEMA, tmp_path / "won.csv", said("--label", "won:Y", "--label", "open:"), training=True
    ) as plain:
        read = read_training_csv(SCHEMA, plain)
    assert (len(read.y), read.left_out) == (29, 1)


def said(*options):
    """The wishes of a command's options."""
    parser = argparse.ArgumentParser()
    add_file_options(parser)
    add_label_option(parser)
    read = parser.parse_args(options)
    return wishes_of(read.decimal, read.sheet, read.column, read.label)
