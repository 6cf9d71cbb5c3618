"""Contents and errors of an export. test_export_sql.py compares the scores of its SQL."""

import json

import pytest
import sqlglot

from ml.applications.plausibility import RemarkFinder
from ml.errors import ExportError
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import schema_from_document
from ml.scorecard.outcomes import DecisionRule
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
        "approved", "causes", "remarks",
    ]  # fmt: skip


def header(scorecard, **options):
    lines = to_sql(scorecard, dialect="sqlite", **options).splitlines()
    return [line for line in lines if line.startswith("-- ")]


def test_model_product_and_policy_are_named_above_the_query(scorecard):
    assert header(scorecard, facts=FACTS) == [
        "-- format: loansite-export 2",
        "-- dialect: sqlite",
        "-- product: loan-prediction",
        f"-- schema_sha256: {SCHEMA.digest}",
        "-- approved_means: the loan was originated",
        "-- model_version: 3",
        f"-- data_sha256: {'ab' * 32}",
        "-- policy_rule: threshold 0.5, refer_gaps True, remarks refer",
        "-- columns: 1 Credit_History, 2 Property_Area, 3 Total_Income, 4 Loan_To_Income, "
        "5 Instalment_To_Income",
    ]


@pytest.mark.parametrize("line_break", ["\n", "\r", "\u2028", "\x00"])
def test_a_fact_cannot_end_its_comment(scorecard, line_break):
    names = header(scorecard, facts={"data_name": f"a.csv{line_break}; DROP TABLE x"})
    assert "-- data_name: a.csv ; DROP TABLE x" in names


@pytest.mark.parametrize("key", ["", "a`b", "a\nb", "Outcome", "reason_1"])
def test_a_key_that_cannot_be_a_column_of_the_result_is_refused(scorecard, key):
    with pytest.raises(ExportError, match=r"The key .*(expected|rename)"):
        to_sql(scorecard, dialect="sqlite", key=key)


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
        to_sql(scorecard, dialect="sqlite", rule=DecisionRule(threshold))


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


def test_json_restores_the_scorecard_by_its_own_schema(scorecard):
    document = json.loads(json.dumps(to_json(scorecard, facts=FACTS)))
    schema = schema_from_document(document["schema"])
    restored = Scorecard.from_json(schema, document["scorecard"])
    assert (restored.schema, restored.to_json()) == (scorecard.schema, scorecard.to_json())


def test_json_names_model_and_policy(scorecard):
    document = to_json(scorecard, facts=FACTS, rule=DecisionRule(0.6, 0.5, 0.7))
    assert (document["format"], document["version"], document["model"]) == ("loansite-export", 2, FACTS)
    assert document["policy"] == {
        "threshold": 0.6, "refer_low": 0.5, "refer_high": 0.7, "refer_gaps": True, "remarks": "refer",
        "rules": [], "limit_amount": None,
    }  # fmt: skip
    assert document["asked_for"] == {"amount": "LoanAmount", "term": "Loan_Amount_Term"}


def test_json_lists_the_remarks(scorecard, trained):
    finder = RemarkFinder(SCHEMA, trained.report["values"], scorecard.sources)
    remarks = json.loads(json.dumps(to_json(scorecard, facts={}, remarks=finder)))["remarks"]
    assert remarks["unusual_value"]["LoanAmount"] == [5, 1000]
    assert remarks["outside_training_range"]["LoanAmount"] == trained.report["values"]["LoanAmount"]
    assert [rule["refers"] for rule in remarks["declared"]] == [False, True, True]


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
    if "codes" in entry:
        return entry["codes"].index(row[entry["column"]])
    return eval(entry["value"], {}, row)  # noqa: S307 # the formula as it is printed
