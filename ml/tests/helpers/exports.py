"""What an exported query must give for each row, by the library's own functions."""

import pytest

from ml.applications.plausibility import RemarkFinder, referring_remarks
from ml.expressions.sizes import LARGEST, SMALLEST
from ml.schemas.features import Kind
from ml.scorecard.outcomes import DecisionRule, cause_codes, remark_codes
from ml.sql.export import to_sql

RULE = DecisionRule(threshold=0.5)


def expected_results(scorecard, rows, rule=RULE, finder=None):
    """By row: the numbers probability and log-odds, and the other columns in their order."""
    schema, finder = scorecard.schema, finder or RemarkFinder(scorecard.schema)
    rows = [{name: as_read(schema.by_column[name], row[name]) for name in schema.columns} for row in rows]
    columns = {name: [row[name] for row in rows] for name in schema.columns}
    scores, remarks = scorecard.score(columns), finder(columns)
    return [
        _result(schema, rule, scores, place, remarks.get(place, []), row) for place, row in enumerate(rows)
    ]


def as_read(feature, value):
    """The value that a query reads in a cell: tiny numbers are 0, huge ones and unknown texts are missing."""
    if value is None or value == "":
        return None
    if feature.kind is Kind.CATEGORY:
        return value if value in feature.values else None
    if abs(value) < SMALLEST:
        return 0.0
    return value if abs(value) <= LARGEST else None


def _result(schema, rule, scores, place, remarks, values):
    probability, gaps = scores.probability[place], scores.gaps(place)
    referring = referring_remarks(schema, remarks, values)
    reasons = scores.explanation(place).reasons
    adverse = [reason["text"] for reason in reasons if reason["contribution"] < 0][:4]
    held = rule.held(schema, values)
    words = (
        rule.outcome(probability, gaps, referring, held),
        *adverse,
        *[None] * (4 - len(adverse)),
        int(rule.approves(probability, referring, held)),
        cause_codes(rule.causes(schema, probability, gaps, referring, held)),
        remark_codes(remarks),
    )
    return (probability, scores.log_odds[place]), words


def check_equal_results(database, scorecard, rows, rule=RULE, finder=None, **options):
    """Fail unless the exported query gives for each row what Python gives; return what it gave."""
    schema = scorecard.schema
    rows = [row | {schema.id_field: f"LP-{number}"} for number, row in enumerate(rows)]
    sql = to_sql(scorecard, dialect=database.dialect, rule=rule, remarks=finder)
    found = {row[0]: row[1:] for row in database.score(sql, rows, schema=schema, **options)}
    assert len(found) == len(rows)
    for row, (numbers, words) in zip(rows, expected_results(scorecard, rows, rule, finder), strict=True):
        probability, outcome, log_odds, *others = found[row[schema.id_field]]
        assert (probability, log_odds) == pytest.approx(numbers, rel=0, abs=1e-9), row
        assert (outcome, *others) == words, row
    return found
