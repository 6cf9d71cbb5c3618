"""``python -m ml``: train, predict, sample."""

import csv
import json

import pytest

from ml.__main__ import main
from ml.applications.records import columns_of
from ml.artefacts import store
from ml.products.loan_prediction.schema import built_in
from ml.tables.training_csv import read_applications_csv
from ml.tests.helpers.tables import HEADER, csv_text, training_rows

SCHEMA = built_in()


@pytest.fixture
def model(saved, key_in_environment):
    return saved.place / "scorecard"


def predict(model, source, output):
    return main(["predict", "--model", str(model), "--input", str(source), "--output", str(output)])


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


@pytest.mark.slow
def test_train_prints_the_figures_beside_the_baselines(trained_by_command):
    printed = trained_by_command.output
    assert printed.startswith("Trained on synthetic sample data.\n")
    assert all(name in printed for name in ("\nscorecard ", "\none rule", "\nmajority class "))


@pytest.mark.slow
def test_train_tells_its_progress_apart_from_its_result(trained_by_command):
    assert trained_by_command.progress.splitlines() == [
        "searching parameters (60 steps)",
        "cross-validating scorecard (50 steps)",
        "cross-validating one_rule (50 steps)",
        "cross-validating majority (50 steps)",
        "learning curve (5 steps)",
        "cross-validating with protected columns (50 steps)",
    ]


@pytest.mark.slow
def test_train_writes_the_same_model_as_the_library(trained_by_command, trained, key):
    loaded = store.load(trained_by_command.model, key)
    assert loaded.predictor.to_json() == trained.scorecard.to_json()


def test_train_refuses_an_existing_model(model, sample_csv, capsys):
    assert main(["train", "--data", str(sample_csv), "--model", str(model)]) == 2
    assert "exists already; an artefact is never overwritten." in capsys.readouterr().err


def test_train_refuses_a_bad_table_and_writes_nothing(tmp_path, key_in_environment, capsys):
    data = tmp_path / "bad.csv"
    data.write_text(csv_text([training_rows()[0] | {"Gender": "?"}]))
    assert main(["train", "--data", str(data), "--model", str(tmp_path / "model")]) == 2
    assert "line 2, column Gender, value '?'" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


@pytest.mark.slow
def test_train_leaves_refused_rows_out_on_wish_and_says_why(sample_csv, tmp_path, key_in_environment, capsys):
    rows = rows_of(sample_csv)
    rows[7][rows[0].index("Gender")] = "?"
    data, model = tmp_path / "table.csv", tmp_path / "model"
    data.write_text("\n".join(map(",".join, rows)))
    options = ["train", "--data", str(data), "--model", str(model)]
    assert main(options) == 2
    assert main([*options, "--leave-refused-out"]) == 0
    assert "Of these with a reason: 1 Gender refused." in capsys.readouterr().out
    report = json.loads((model / "manifest.json").read_text())["report"]
    assert (report["left_out"], report["left_out_why"]) == (1, {"Gender refused": 1})


def test_predict_writes_probabilities_of_17_digits_in_the_order_of_the_input(
    model, sample_csv, tmp_path, key
):
    assert predict(model, sample_csv, tmp_path / "out.csv") == 0
    header, *rows = rows_of(tmp_path / "out.csv")
    records = read_applications_csv(SCHEMA, sample_csv)
    expected = store.load(model, key).predictor.score(columns_of(SCHEMA, records)).probability
    assert header == ["Loan_ID", "approval_probability", "approved", "remarks"]
    assert [row[0] for row in rows] == [record.loan_id for record in records]
    assert [float(row[1]) for row in rows] == expected
    assert [row[2] for row in rows] == [str(int(value >= 0.5)) for value in expected]


def test_predict_needs_no_outcomes(model, tmp_path):
    (tmp_path / "in.csv").write_text(csv_text(training_rows(3), header=HEADER[:-1]))
    assert predict(model, tmp_path / "in.csv", tmp_path / "out.csv") == 0
    assert len(rows_of(tmp_path / "out.csv")) == 4


def test_predict_names_the_columns_that_it_did_not_use_and_those_that_it_missed(model, tmp_path, capsys):
    file = tmp_path / "rows.csv"
    file.write_text(
        "Loan_ID,Education,Property_Area,ApplicantIncome,CoapplicantIncome,colour\nA,Graduate,Urban,1,0,red\n"
    )
    assert predict(model, file, tmp_path / "out.csv") == 0
    assert capsys.readouterr().out.startswith(
        "Columns that were not used: colour.\nColumns that the file lacks: Gender, Married,"
    )


def test_predict_refuses_bad_input_and_writes_nothing(model, tmp_path, capsys):
    (tmp_path / "in.csv").write_text(csv_text([training_rows()[0] | {"LoanAmount": "-1"}]))
    assert predict(model, tmp_path / "in.csv", tmp_path / "out.csv") == 2
    assert "line 2, column LoanAmount, value '-1': -1 is too small" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_predict_refuses_a_model_signed_with_another_key(model, sample_csv, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LOANSITE_ARTEFACT_KEY", "another key, which is long enough")
    assert predict(model, sample_csv, tmp_path / "out.csv") == 2
    assert "does not match this key" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["missing/out.csv", "."])
def test_predict_names_an_output_that_cannot_be_written(model, sample_csv, tmp_path, capsys, output):
    assert predict(model, sample_csv, tmp_path / output) == 2
    assert str(tmp_path) in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_report_in_the_model_is_the_printed_one(trained_by_command):
    manifest = json.loads((trained_by_command.model / "manifest.json").read_text())
    accuracy = manifest["report"]["cross_validation"]["models"]["scorecard"]["accuracy"]
    assert (
        f"{accuracy['mean']:.3f} [{accuracy['low']:.3f} {accuracy['high']:.3f}]" in trained_by_command.output
    )


def test_sample_writes_the_sample(tmp_path, sample_csv):
    assert main(["sample", "--output", str(tmp_path / "sample.csv")]) == 0
    assert (tmp_path / "sample.csv").read_bytes() == sample_csv.read_bytes()


def test_a_folder_that_is_not_there_is_told_by_the_name_of_the_output(tmp_path, capsys):
    output = tmp_path / "nowhere" / "sample.csv"
    assert main(["sample", "--output", str(output)]) == 2
    assert capsys.readouterr().err == f"{output}: No such file or directory.\n"


def test_an_unknown_recipe_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["train", "--data", "x", "--recipe", "forest"])
    assert stop.value.code == 2
    assert "invalid choice: 'forest'" in capsys.readouterr().err


def test_predict_names_the_protected_columns_that_a_model_reads(saved, key_in_environment, tmp_path, capsys):
    (tmp_path / "in.csv").write_text(csv_text(training_rows(3)))
    assert predict(saved.place / "forest", tmp_path / "in.csv", tmp_path / "out.csv") == 0
    assert "This model reads protected columns: Gender, Married." in capsys.readouterr().out
