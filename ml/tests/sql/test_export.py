"""Contents and errors of an export. test_export_sql.py compares the scores of its SQL."""

import json

import pytest
import sqlglot

from ml.errors import ExportError
from ml.products.loan_prediction.schema import built_in
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_columns import Bin, ScorecardColumn
from ml.sql import DIALECTS
from ml.sql.export import to_json, to_sql
from ml.tests.helpers.forests import forest_predictor
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()

FACTS = {"model_version": 3, "data_sha256": "ab" * 32}


def tiny(edge=1.0, points=0.5):
    bins = [Bin(f"bin {number}", points, 0, 0) for number in range(3)]
    return Scorecard(
        SCHEMA,
        0.0,
        [ScorecardColumn(SCHEMA.by_model_column["Total_Income"], bins, edges=[edge])],
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_its_own_text_back(scorecard, dialect):
    text = to_sql(scorecard, dialect=dialect)
    assert sqlglot.parse_one(text, dialect=dialect).named_selects == [
        "Loan_ID", "approval_probability", "outcome", "log_odds",
        "reason_1", "reason_2", "reason_3", "reason_4",
    ]  # fmt: skip


def test_the_model_is_named_above_the_query(scorecard):
    head = to_sql(scorecard, dialect="duckdb", facts=FACTS).splitlines()[:4]
    assert head == [
        "-- format: loansite-export 3",
        "-- dialect: duckdb",
        "-- model_version: 3",
        f"-- data_sha256: {'ab' * 32}",
    ]


@pytest.mark.parametrize("line_break", ["\n", "\r", "\u2028", "\x00"])
def test_a_fact_cannot_end_its_comment(scorecard, line_break):
    text = to_sql(scorecard, dialect="sqlite", facts={"data_name": f"a.csv{line_break}; DROP TABLE x"})
    assert text.splitlines()[2] == "-- data_name: a.csv ; DROP TABLE x"


def test_an_unknown_dialect_is_refused_with_those_there_are(scorecard):
    with pytest.raises(ExportError, match="no SQL dialect 'oracle'; known: postgres, sqlite, duckdb, mysql"):
        to_sql(scorecard, dialect="oracle")


@pytest.mark.parametrize(
    "table", ["", "a..b", ".a", "a.b.c.d", 'a"b', "a`b", "a'b", "a]b", "a\\", "a\nb", "x" * 64]
)
def test_a_table_name_that_could_be_more_than_a_name_is_refused(scorecard, table):
    with pytest.raises(ExportError, match=r"expected table, schema\.table or catalogue"):
        to_sql(scorecard, dialect="sqlite", table=table)


def test_a_dotted_table_name_is_quoted_by_its_parts(scorecard):
    text = to_sql(scorecard, dialect="postgres", table="my schema.table; --")
    assert 'FROM "my schema"."table; --"' in text
    assert "FROM `a`.`b`.`c`" in to_sql(scorecard, dialect="spark", table="a.b.c")


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_is_a_probability(scorecard, threshold):
    with pytest.raises(ExportError, match="expected a probability from 0 to 1"):
        to_sql(scorecard, dialect="sqlite", threshold=threshold)


def test_a_pipeline_is_refused_in_words(trained_forest):
    forest = forest_predictor(trained_forest)
    for write in (lambda: to_sql(forest, dialect="sqlite"), lambda: to_json(forest, facts={})):
        with pytest.raises(ExportError, match=r"Only a scorecard can be exported.*recipe scorecard"):
            write()


@pytest.mark.parametrize("edge", [1e101, 1e-101, float("inf")])
def test_an_edge_out_of_range_is_refused(edge):
    with pytest.raises(ExportError, match="expected 0 or a number between 1e-100 and 1e100"):
        to_sql(tiny(edge=edge), dialect="sqlite")


def test_points_that_are_no_number_are_refused():
    with pytest.raises(ExportError, match="contains inf"):
        to_sql(tiny(points=float("inf")), dialect="sqlite")


def test_json_restores_the_scorecard_and_names_its_model(scorecard):
    document = json.loads(json.dumps(to_json(scorecard, facts=FACTS, threshold=0.6)))
    assert (document["format"], document["version"]) == ("loansite-export", 3)
    assert (document["model"], document["threshold"]) == (FACTS, 0.6)
    assert Scorecard.from_json(SCHEMA, document["scorecard"]).to_json() == scorecard.to_json()


def test_json_describes_every_column_of_the_table(scorecard):
    document = to_json(scorecard, facts={})
    assert [entry["column"] for entry in document["columns"]] == [entry.column for entry in scorecard.columns]
    read = {source for entry in document["columns"] for source in entry["sources"]}
    assert read == set(scorecard.sources)


@pytest.mark.parametrize("gap", [{}, {"LoanAmount": None}])
def test_json_is_enough_to_score_by_hand(scorecard, gap):
    row = application(**gap)
    document = to_json(scorecard, facts={})
    total = document["scorecard"]["base"]
    for entry, points in zip(document["columns"], document["scorecard"]["columns"], strict=True):
        value = None if any(row[name] is None for name in entry["sources"]) else _value(entry, row)
        place = _place(points, value) if value is not None else -1
        total += points["bins"][place]["points"]
    assert total == pytest.approx(scorecard.score(columns(row)).log_odds[0], abs=1e-12)


def _place(points, value):
    if "groups" in points:
        return next(place for place, group in enumerate(points["groups"]) if value in group)
    return sum(edge <= value for edge in points["edges"])


def _value(entry, row):
    if entry["choices"] and entry["column"] == "Property_Area":
        return entry["choices"].index(row["Property_Area"])
    return eval(entry["value"], {}, row)  # noqa: S307 # the formula as it is printed
