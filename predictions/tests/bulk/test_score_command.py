"""`manage.py score`: a file in, a file out, a line on record."""

import csv
import hashlib
import io
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tests.helpers.tables import application, csv_text, training_rows
from ml.tests.helpers.workbooks import xlsx
from predictions.models import AuditRecord, Prediction
from predictions.roles import Role
from predictions.services.scoring import scoring
from predictions.services.versions import registry

SCHEMA = built_in()

GAP = {"Credit_History": "", "LoanAmount": ""}


@pytest.fixture
def score(active_version, tmp_path):
    """Score rows; return what the command says and the rows of its output."""

    def run(rows, *arguments):
        (tmp_path / "in.csv").write_text(csv_text(rows))
        out = io.StringIO()
        files = ["--input", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out.csv")]
        call_command("score", *files, *arguments, stdout=out)
        return out.getvalue(), rows_of(tmp_path / "out.csv")

    return run


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_file_is_scored_as_the_other_doors_score(score, user_with):
    _, (first, second) = score([training_rows(1)[0], training_rows(2)[1] | GAP])
    records = [
        read_json_row(SCHEMA, application()),
        read_json_row(SCHEMA, application(Credit_History=None, LoanAmount=None)),
    ]
    owner = user_with(Role.OFFICER)
    stored = scoring.score_records(owner=owner, records=records, source=Prediction.Source.API, request_id="")
    for line, result in zip((first, second), stored, strict=True):
        assert float(line["approval_probability"]) == result.approval_probability
        assert (line["approved"], line["outcome"]) == (str(int(result.approved)), result.outcome)
        adverse = [reason["text"] for reason in result.reasons if reason["contribution"] < 0]
        assert line["reasons"] == "; ".join(adverse[:4])
        assert int(line["model_version"]) == result.model_version


@pytest.mark.slow
def test_the_command_starts_without_what_it_does_not_use():
    check = (
        "import sys, django; django.setup(); from predictions.management.commands.score import Command; "
        "heavy = {'sklearn', 'pandas', 'scipy', 'sqlglot', 'loansite.urls'} & {*sys.modules}; "
        "print(heavy, Command.requires_system_checks)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout == "set() []\n"


def test_the_run_goes_on_record_with_both_digests_and_no_row_is_stored(score, tmp_path, active_version):
    score([*training_rows(3), training_rows(4)[3] | {"Gender": "?"}])
    run = AuditRecord.objects.get(action="bulk score")
    assert (run.by, run.detail["good"], run.detail["refused"]) == (None, 3, 1)
    assert (run.detail["input"], run.detail["model_version"]) == ("in.csv", active_version.pk)
    for name in ("input", "output"):
        content = (tmp_path / run.detail[name]).read_bytes()
        assert run.detail[f"{name}_sha256"] == hashlib.sha256(content).hexdigest()
    assert not Prediction.objects.exists()


def test_refused_rows_are_counted_and_listed(score, tmp_path):
    bad = training_rows(1)[0] | {LOAN_ID: "=1+1", "LoanAmount": "-5", "Gender": "?"}
    said, scored = score([bad, training_rows(2)[1]], "--errors", str(tmp_path / "errors.csv"))
    assert "1 rows scored" in said
    assert "1 rows refused" in said
    assert [row[LOAN_ID] for row in scored] == ["LP-2"]
    faults = rows_of(tmp_path / "errors.csv")
    assert [(row["line"], row[LOAN_ID], row["field"], row["value"]) for row in faults] == [
        ("2", "'=1+1", "Gender", "?"),
        ("2", "'=1+1", "LoanAmount", "'-5"),
    ]
    assert "above 0" in faults[1]["expectation"]


def test_loan_ids_are_safe_in_a_spreadsheet_and_repeats_are_scored(score):
    rows = [training_rows(1)[0] | {LOAN_ID: name} for name in ("=1+1", 'a,"b"', "LP-1", "LP-1")]
    assert [row[LOAN_ID] for row in score(rows)[1]] == ["'=1+1", 'a,"b"', "LP-1", "LP-1"]


def test_a_ragged_file_leaves_everything_as_it_was(score, tmp_path):
    (tmp_path / "out.csv").write_text("kept")
    rows = [training_rows(1)[0] | {LOAN_ID: f"LP-{number}"} for number in range(10_000)]
    text = csv_text(rows) + "LP-10001,Male\n"
    (tmp_path / "in2.csv").write_text(text)
    with pytest.raises(CommandError, match="line 10002: 13 cells are expected"):
        call_command("score", input=tmp_path / "in2.csv", output=tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["in2.csv", "out.csv"]
    assert not list(tmp_path.glob(".half-*"))
    assert not AuditRecord.objects.filter(action="bulk score").exists()


def test_no_good_row_is_a_failure_that_lists_why(score, tmp_path):
    with pytest.raises(CommandError, match="No row could be scored"):
        score([training_rows(1)[0] | {"Gender": "?"}], "--errors", str(tmp_path / "errors.csv"))
    assert len(rows_of(tmp_path / "errors.csv")) == 1


def test_a_version_may_be_named(score, trained):
    other = registry.register(trained=trained, by=None)
    (row,) = score(training_rows(1), "--version", str(other.pk))[1]
    assert int(row["model_version"]) == other.pk


def test_files_that_are_one_or_absent_are_named(score, tmp_path):
    with pytest.raises(CommandError, match="different files"):
        call_command("score", input=tmp_path / "a.csv", output=tmp_path / "a.csv")
    with pytest.raises(CommandError, match=r"absent\.csv: No such file"):
        call_command("score", input=tmp_path / "absent.csv", output=tmp_path / "b.csv")


@pytest.fixture
def score_file(active_version, tmp_path):
    """Score a file; return the rows of its output."""

    def run(name, content, *arguments):
        (tmp_path / name).write_bytes(content)
        files = ["--input", str(tmp_path / name), "--output", str(tmp_path / "out.csv")]
        call_command("score", *files, *arguments, stdout=io.StringIO())
        return rows_of(tmp_path / "out.csv")

    return run


GERMAN = [row | {"ApplicantIncome": "4.100", "CoapplicantIncome": "0"} for row in training_rows(3)]
GERMAN_CSV = csv_text(GERMAN).replace(",", ";").replace(".0;", ";").encode()


def test_a_workbook_is_scored_as_its_csv(score, score_file, tmp_path):
    text = csv_text(training_rows(3))
    _, expected = score(training_rows(3))
    content = xlsx(Notes=[["nothing"]], Loans=[*csv.reader(text.splitlines())])
    assert score_file("in.xlsx", content, "--sheet", "Loans") == expected
    detail = AuditRecord.objects.filter(action="bulk score").latest("pk").detail
    assert (detail["input"], detail["input_sha256"]) == ("in.xlsx", hashlib.sha256(content).hexdigest())


def test_the_refused_rows_of_a_workbook_are_listed_by_row(score_file, tmp_path):
    rows = csv_text([training_rows(1)[0] | {"Gender": "?"}, training_rows(2)[1]]).splitlines()
    score_file("in.xlsx", xlsx([*csv.reader(rows)]), "--errors", str(tmp_path / "errors.csv"))
    assert [row["row"] for row in rows_of(tmp_path / "errors.csv")] == ["2"]


def test_the_decimal_mark_of_a_file_is_asked_for_where_nothing_decides(score, score_file):
    with pytest.raises(CommandError, match=r"4.100 or 4100 may be meant; give --decimal point"):
        score_file("in.csv", GERMAN_CSV)
    _, expected = score([row | {"ApplicantIncome": "4100"} for row in GERMAN])
    assert score_file("in.csv", GERMAN_CSV, "--decimal", "comma") == expected


@pytest.mark.parametrize("option", [["--sheet", "Loans"], ["--column", "income:ApplicantIncome"]])
def test_options_of_files_go_with_files(option, active_version, tmp_path):
    query = ["--from-sql", "SELECT 1", "--database", "loans", "--output", str(tmp_path / "out.csv")]
    with pytest.raises(CommandError, match="go with --input and a CSV file or a workbook"):
        call_command("score", *query, *option)
