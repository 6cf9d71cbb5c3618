"""`manage.py score` from and to Parquet."""

import hashlib
import importlib.util
import sys

import pytest
from django.core.management import CommandError, call_command

from ml.schemas.schema import LOAN_ID
from ml.tests.helpers.tables import application, csv_text, training_rows
from predictions.models import AuditRecord
from predictions.tests.bulk.test_score_command import rows_of

needs_pyarrow = pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="pyarrow is an extra: make install-bulk adds it"
)
ROWS = [application(Loan_ID=f"=LP-{number}", LoanAmount=100.5 + number) for number in range(12_000)]
ROWS[1] |= {"Credit_History": None, "LoanAmount": None, "Gender": None}
ROWS[9_999] |= {"LoanAmount": -5.0, "Gender": "?"}


@pytest.fixture
def score(active_version, tmp_path):
    def run(source, output, **options):
        call_command("score", input=tmp_path / source, output=tmp_path / output, **options)
        return tmp_path / output

    return run


@pytest.fixture
def parquet(tmp_path):
    """Write rows as Parquet."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    return lambda rows: write_table(
        pyarrow.Table.from_pylist(rows), tmp_path / "in.parquet", row_group_size=7_000
    )


@needs_pyarrow
def test_parquet_is_scored_as_a_csv_with_the_same_rows(score, parquet, tmp_path):
    parquet(ROWS)
    texts = [{name: "" if value is None else f"{value}" for name, value in row.items()} for row in ROWS]
    (tmp_path / "in.csv").write_text(csv_text(texts))
    errors = tmp_path / "errors.csv"
    assert score("in.parquet", "a.csv", errors=errors).read_bytes() == score("in.csv", "b.csv").read_bytes()
    faults = [(row["row"], row[LOAN_ID], row["field"], row["value"]) for row in rows_of(errors)]
    assert faults == [("10000", "'=LP-9999", "Gender", "?"), ("10000", "'=LP-9999", "LoanAmount", "'-5.0")]


@pytest.mark.slow
@needs_pyarrow
def test_results_are_the_values_of_the_csv_whatever_the_number_of_processes(score, parquet, tmp_path):
    from pyarrow.parquet import read_table

    parquet(ROWS)
    one = score("in.parquet", "one.parquet", processes=1)
    assert one.read_bytes() == score("in.parquet", "two.parquet", processes=2).read_bytes()
    found, wanted = read_table(one).to_pylist(), rows_of(score("in.parquet", "out.csv"))
    assert [row.pop(LOAN_ID) for row in found] == [row.pop(LOAN_ID)[1:] for row in wanted]
    assert [row.pop("approval_probability") for row in found] == [
        float(row.pop("approval_probability")) for row in wanted
    ]
    assert [{name: str(value) for name, value in row.items()} for row in found] == wanted


@needs_pyarrow
def test_the_run_goes_on_record_with_the_digests_of_both_files(score, parquet, tmp_path):
    parquet(ROWS[:10])
    score("in.parquet", "out.parquet")
    run = AuditRecord.objects.get(action="bulk score").detail
    for name in ("input", "output"):
        assert run[f"{name}_sha256"] == hashlib.sha256((tmp_path / run[name]).read_bytes()).hexdigest()


@needs_pyarrow
def test_a_file_that_cannot_be_used_is_named_and_leaves_no_output(score, parquet, tmp_path):
    (tmp_path / "text.parquet").write_text(csv_text(training_rows(3)))
    with pytest.raises(CommandError, match=r"text\.parquet cannot be read as Parquet"):
        score("text.parquet", "out.parquet")
    parquet([{name: value for name, value in ROWS[0].items() if name != "ApplicantIncome"}])
    with pytest.raises(CommandError, match="the column ApplicantIncome is missing"):
        score("in.parquet", "out.parquet")
    parquet([application(Gender="?")])
    with pytest.raises(CommandError, match="No row could be scored"):
        score("in.parquet", "none.parquet")
    assert not (tmp_path / "out.parquet").exists()
    assert not list(tmp_path.glob(".half-*"))


@needs_pyarrow
def test_headings_are_folded_and_other_columns_are_left(score, parquet):
    parquet([{name.lower(): value for name, value in row.items()} | {"note": 1.5} for row in ROWS[:9]])
    folded = score("in.parquet", "folded.csv").read_bytes()
    parquet(ROWS[:9])
    assert score("in.parquet", "plain.csv").read_bytes() == folded


def test_without_pyarrow_it_says_how_to_add_it(score, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "predictions.bulk.parquet_files", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CommandError, match="pyarrow is not installed; make install-bulk installs it"):
        score("in.parquet", "out.csv")
