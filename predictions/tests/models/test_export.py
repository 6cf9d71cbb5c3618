"""A stored version leaves as SQL or JSON, by the service and by the command."""

import io
import json
import sqlite3

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from ml.artefacts.store import MANIFEST
from ml.errors import ArtefactTampered, ExportError
from ml.products.loan_prediction.schema import built_in
from ml.scorecard.scorecard import Scorecard
from predictions.live.active_model import open_version
from predictions.models import Policy
from predictions.services.policies import policies
from predictions.services.versions.export import export_version

SCHEMA = built_in()


def run(*arguments, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command("export_model", *map(str, arguments), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def scored(sql, application):
    connection = sqlite3.connect(":memory:")
    fields, marks = ", ".join(f'"{name}"' for name in application), ", ".join("?" * len(application))
    connection.execute(f"CREATE TABLE portfolio ({fields})")
    connection.execute(f"INSERT INTO portfolio VALUES ({marks})", [*application.values()])  # noqa: S608
    row = connection.execute(sql).fetchone()
    connection.close()
    return row


def test_the_command_prints_sql_that_scores_a_table(active_version, application):
    sql, _ = run(active_version.pk, format="sql", dialect="sqlite", table="portfolio")
    loan_id, probability, *_ = scored(sql, application)
    columns = {name: [value] for name, value in application.items()}
    assert loan_id == application["Loan_ID"]
    assert [probability] == pytest.approx(
        open_version(active_version).predictor.score(columns).probability, rel=0, abs=1e-9
    )


def test_the_command_prints_json_and_nothing_else(active_version):
    document = json.loads(run(active_version.pk, format="json")[0])
    assert document["model"]["model_version"] == active_version.pk
    assert document["model"]["data_sha256"] == active_version.data_digest
    assert Scorecard.from_json(SCHEMA, document["scorecard"]).base == document["scorecard"]["base"]


def test_the_command_writes_a_file(active_version, tmp_path):
    path = tmp_path / "model.sql"
    out, err = run(active_version.pk, format="sql", dialect="postgres", output=path)
    assert (out, err.strip()) == ("", f"{path} is written.")
    assert path.read_text().startswith("-- format: loansite-export 2\n-- dialect: postgres\n")


def test_a_file_that_cannot_be_written_is_named(active_version, tmp_path):
    with pytest.raises(CommandError, match=r"model\.json cannot be written: No such file"):
        run(active_version.pk, format="json", output=tmp_path / "missing" / "model.json")


def test_an_unknown_version_is_answered_with_those_there_are(active_version):
    with pytest.raises(CommandError, match=rf"no version 999; known: {active_version.pk}"):
        run(999, format="json")


def test_what_is_wrong_is_said_by_the_command(active_version):
    with pytest.raises(CommandError, match="needs a dialect: postgres"):
        run(active_version.pk, format="sql")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "xml"}, "no format 'xml'; known: sql, json"),
        ({"format": "sql"}, "needs a dialect: postgres, sqlite, duckdb, mysql, spark"),
        ({"format": "sql", "dialect": "oracle"}, "no SQL dialect 'oracle'"),
        ({"format": "sql", "dialect": "sqlite", "table": ""}, "The table is ''"),
        ({"format": "json", "dialect": "sqlite"}, "belong to the format sql"),
    ],
)
def test_what_cannot_be_exported_is_said_in_words(active_version, options, message):
    with pytest.raises(ExportError, match=message):
        export_version(active_version, **options)


def test_a_version_that_was_tampered_with_is_not_exported(active_version):
    path = settings.ARTEFACTS / active_version.artefact / MANIFEST
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ArtefactTampered):
        export_version(active_version, format="json")


def test_files_are_named_by_version_and_dialect(active_version):
    number = active_version.pk
    sql = export_version(active_version, format="sql", dialect="duckdb")
    assert sql.filename == f"scorecard-{number}-duckdb.sql"
    assert sql.content_type == "application/sql; charset=utf-8"
    document = export_version(active_version, format="json")
    assert (document.filename, document.content_type) == (f"scorecard-{number}.json", "application/json")


def test_the_policy_in_force_decides_and_is_named(active_version, application):
    old = Policy.objects.newest()
    new = policies.adopt_policy(
        policy=Policy(threshold=0.01, refer_low=0.0, refer_high=1.0), replaces=old.pk, by=None, reason="All"
    )
    sql = export_version(active_version, format="sql", dialect="sqlite", table="portfolio").text
    assert f"-- policy: {new.pk}\n-- model_version: {active_version.pk}\n" in sql
    _, _, outcome, *_, causes, _ = scored(sql, application)
    assert (outcome, causes.split("; ")[0]) == ("refer", "band")


def test_another_key_is_handed_through(active_version, application):
    sql, _ = run(active_version.pk, format="sql", dialect="sqlite", table="portfolio", key="row")
    assert scored(sql, application | {"row": 7})[0] == 7
