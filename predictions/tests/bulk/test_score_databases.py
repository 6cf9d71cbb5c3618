"""`manage.py score` from a query of a database of others, and into a new table there."""

import hashlib
import io
from functools import partial

import pytest
from django.core.management import CommandError, call_command

from ml.parallel.processes import map_in_order
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tests.helpers.tables import application, csv_text
from predictions.bulk.databases.ends import sql_source, table_output
from predictions.live import active_model
from predictions.models import AuditRecord
from predictions.services import bulk
from predictions.tests.bulk.test_score_command import rows_of
from predictions.tests.helpers.sources import KINDS, database

SCHEMA = built_in()

GAPS = {"Credit_History": None, "LoanAmount": None, "Gender": None}
ROWS = [application(Loan_ID=f"LP-{number}", LoanAmount=100.5 + number) for number in range(1, 6)]
ROWS[1] |= GAPS
ROWS[2] |= {"LoanAmount": -5, "Gender": "?"}


@pytest.fixture(params=KINDS)
def core(request, settings, tmp_path):
    with database(request.param, tmp_path) as opened:
        settings.SOURCES = {"core": opened.config}
        yield opened


def score(*arguments):
    out = io.StringIO()
    call_command("score", *map(str, arguments), stdout=out)
    return out.getvalue()


def from_csv(tmp_path, rows):
    """What the same rows give by way of a file."""
    texts = [{name: "" if value is None else f"{value}" for name, value in row.items()} for row in rows]
    (tmp_path / "in.csv").write_text(csv_text(texts))
    score("--input", tmp_path / "in.csv", "--output", tmp_path / "as_csv.csv")
    return (tmp_path / "as_csv.csv").read_bytes()


def assert_no_table(core):
    for name in ("_out", "_out_half"):
        with pytest.raises(Exception, match=r"(?i)no such table|does not exist|doesn't exist"):
            core.ask(f"SELECT 1 FROM {core.table}{name}")  # noqa: S608 # our own name
        core.connection.rollback()


def test_a_query_is_scored_as_a_file_with_the_same_rows(active_version, core, tmp_path):
    core.fill(ROWS)
    out, errors = tmp_path / "out.csv", tmp_path / "errors.csv"
    score("--from-sql", core.sql, "--database", "core", "--output", out, "--errors", errors)
    assert out.read_bytes() == from_csv(tmp_path, ROWS)
    faults = [(row["row"], row[LOAN_ID], row["field"], row["value"]) for row in rows_of(errors)]
    assert [fault[:3] for fault in faults] == [("3", "LP-3", "Gender"), ("3", "LP-3", "LoanAmount")]
    assert [float(faults[1][3].removeprefix("'")), faults[0][3]] == [-5.0, "?"]


def test_the_run_goes_on_record_with_the_digest_of_the_query(active_version, core, tmp_path):
    core.fill(ROWS)
    score("--from-sql", core.sql, "--database", "core", "--output", tmp_path / "out.csv")
    run = AuditRecord.objects.get(action="bulk score").detail
    assert (run["input"], run["good"], run["refused"]) == ("database core", 4, 1)
    assert run["input_sha256"] == hashlib.sha256(core.sql.encode()).hexdigest()
    assert run["model_version"] == active_version.pk


def test_a_new_table_holds_the_results(active_version, core, tmp_path):
    core.fill(ROWS)
    table = f"{core.table}_out"
    said = score("--from-sql", core.sql, "--database", "core", "--output-table", table)
    assert f"table {table} of core" in said
    score("--from-sql", core.sql, "--database", "core", "--output", tmp_path / "out.csv")
    found = core.ask(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 # our own name
    wanted = [list(row.values()) for row in rows_of(tmp_path / "out.csv")]
    assert [[*map(str, (*row[:1], *row[2:]))] for row in found] == [[*row[:1], *row[2:]] for row in wanted]
    assert [row[1] for row in found] == [float(row[1]) for row in wanted]


def test_a_table_that_is_there_already_is_left_alone(active_version, core):
    core.fill(ROWS)
    with pytest.raises(CommandError, match="already"):
        score("--from-sql", core.sql, "--database", "core", "--output-table", core.table)
    assert len(core.ask(core.sql)) == len(ROWS)


def test_a_run_that_fails_leaves_no_table(active_version, core, tmp_path):
    core.fill(ROWS)
    with pytest.raises(CommandError, match="No such file"):
        score(
            "--from-sql", core.sql, "--database", "core", "--output-table", f"{core.table}_out",
            "--errors", tmp_path / "absent" / "errors.csv",
        )  # fmt: skip
    assert_no_table(core)


@pytest.mark.slow
def test_a_run_that_stops_halfway_leaves_no_table(active_version, core):
    core.fill([application(Loan_ID=f"LP-{number:05d}") for number in range(12_000)])
    seen = []

    def stop(*progress):
        seen.append(progress)
        if len(seen) == 2:
            raise KeyboardInterrupt

    active = active_model.current()
    with pytest.raises(KeyboardInterrupt):
        bulk.score_source(
            source=sql_source(SCHEMA, "core", core.sql),
            output=partial(table_output, "core", f"{core.table}_out"),
            errors=None, engine=partial(map_in_order, processes=1), model=active, by=None, progress=stop,
        )  # fmt: skip
    assert seen == [("scoring, rows", 5000, None), ("scoring, rows", 10_000, None)]
    assert_no_table(core)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("ApplicantIncome", "income"), "the column ApplicantIncome is missing"),
        (("Married", "gender"), "the columns 'gender', 'Gender' all mean Gender"),
    ],
)
def test_a_fault_of_the_columns_is_named(active_version, core, tmp_path, change, fault):
    core.fill(ROWS)
    old, new = map(core.named, change)
    sql = core.sql.replace(old, f"{old} AS {new}")
    with pytest.raises(CommandError, match=fault):
        score("--from-sql", sql, "--database", "core", "--output", tmp_path / "out.csv")


def test_a_column_that_the_schema_does_not_have_is_not_used_and_named(active_version, core, tmp_path):
    core.fill(ROWS)
    sql = core.sql.replace("SELECT ", "SELECT 'x' AS purpose, ", 1)
    said = score("--from-sql", sql, "--database", "core", "--output", tmp_path / "out.csv")
    assert "Columns that were not used: purpose" in said
    assert (tmp_path / "out.csv").read_bytes() == from_csv(tmp_path, ROWS)


def test_a_query_without_rows_and_one_that_is_refused_say_so(active_version, core, tmp_path):
    core.fill(ROWS)
    ends = ["--database", "core", "--output", tmp_path / "out.csv"]
    with pytest.raises(CommandError, match="returned no rows"):
        score("--from-sql", core.sql.replace("ORDER", "WHERE 1 = 0 ORDER"), *ends)
    with pytest.raises(CommandError, match=r"Database core: .*nowhere"):
        score("--from-sql", "SELECT * FROM nowhere", *ends)
    assert not list(tmp_path.glob("*.csv"))


TEXTS = (
    "SELECT 'LP-1' AS Loan_ID, 'graduate' AS Education, 'semi-urban' AS Property_Area, "
    "'4.100' AS ApplicantIncome, '0' AS CoapplicantIncome"
)


def test_a_text_with_two_meanings_is_refused_until_somebody_names_the_decimal_mark(
    active_version, core, tmp_path
):
    out, errors = tmp_path / "out.csv", tmp_path / "errors.csv"
    with pytest.raises(CommandError, match="No row could be scored"):
        score("--from-sql", TEXTS, "--database", "core", "--output", out, "--errors", errors)
    assert "4.100 may mean 4,100 or 4.1" in rows_of(errors)[0]["expectation"]
    score("--from-sql", TEXTS, "--database", "core", "--output", out, "--decimal", "comma")
    assert [row[LOAN_ID] for row in rows_of(out)] == ["LP-1"]
