"""The points table: look-ups, reasons, JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.products.loan_prediction.schema import built_in
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_columns import Bin, ScorecardColumn
from ml.tests.helpers.strategies import applications
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()


def bins(*points):
    return [Bin(f"bin {number}", value, 0, 0) for number, value in enumerate(points)]


@pytest.fixture
def small():
    """A table that can be added up in the head: base 1, credit history -2 / 1 / 0, income 0.5 / 2 / 0."""
    history = ScorecardColumn(SCHEMA.by_model_column["Credit_History"], bins(-2.0, 1.0, 0.25), edges=[1.0])
    income = ScorecardColumn(SCHEMA.by_model_column["Total_Income"], bins(0.5, 2.0, 0.0), edges=[3000.0])
    return Scorecard(SCHEMA, 1.0, [history, income])


@pytest.mark.parametrize(
    ("changes", "log_odds"),
    [
        ({"Credit_History": 1.0, "ApplicantIncome": 3000}, 4.0),
        ({"Credit_History": 0.0, "ApplicantIncome": 2999.99}, -0.5),
        ({"Credit_History": None, "ApplicantIncome": 0}, 1.75),
    ],
)
def test_log_odds_are_the_base_and_one_number_a_column(small, changes, log_odds):
    scores = small.score(columns(application(CoapplicantIncome=0, **changes)))
    assert scores.log_odds == [log_odds]
    assert scores.probability == pytest.approx([1 / (1 + np.exp(-log_odds))], rel=1e-15)


def test_reasons_are_sorted_most_adverse_first(small):
    first, second = small.score(columns(application(Credit_History=0.0))).explanation(0).reasons
    assert first == {
        "column": "Credit_History",
        "label": "Credit history",
        "contribution": -2.0,
        "text": "Credit history: bin 0",
    }
    assert (second["column"], second["contribution"]) == ("Total_Income", 2.0)


def test_a_scorecard_names_the_columns_that_it_reads(small):
    assert small.sources == ("ApplicantIncome", "CoapplicantIncome", "Credit_History")


def test_a_scorecard_without_columns_gives_everyone_the_base():
    scores = Scorecard(SCHEMA, 0.0, []).score(columns(application(), application()))
    assert (scores.probability, scores.explanation(1).reasons) == ([0.5, 0.5], [])


def test_edges_and_bins_must_fit():
    with pytest.raises(ValueError, match=r"Total_Income: 1 edges, 0 special .* need 3 bins, not 2"):
        ScorecardColumn(SCHEMA.by_model_column["Total_Income"], bins(0.5, 2.0), edges=[3000.0])


def test_json_restores_the_table_exactly(scorecard):
    document = scorecard.to_json()
    assert Scorecard.from_json(SCHEMA, json.loads(json.dumps(document))).to_json() == document


@pytest.mark.parametrize("change", [{"format": "other"}, {"version": 4}])
def test_json_of_another_format_is_refused(small, change):
    with pytest.raises(ValueError, match="This is not a loansite-scorecard document of version 1"):
        Scorecard.from_json(SCHEMA, small.to_json() | change)


@given(st.lists(applications(), min_size=1, max_size=40))
def test_a_row_scores_the_same_alone_or_among_others(scorecard, rows):
    alone = [scorecard.score(columns(row)) for row in rows]
    together = scorecard.score(columns(*rows))
    assert together.log_odds == [scores.log_odds[0] for scores in alone]
    assert together.probability == [scores.probability[0] for scores in alone]
    assert [together.explanation(row).reasons for row in range(len(rows))] == [
        scores.explanation(0).reasons for scores in alone
    ]


@given(applications())
def test_base_and_contributions_make_the_log_odds(scorecard, row):
    scores = scorecard.score(columns(row))
    total = scores.explanation(0).base + sum(
        reason["contribution"] for reason in scores.explanation(0).reasons
    )
    assert total == pytest.approx(scores.log_odds[0], abs=1e-9)
    assert scorecard.contributions(columns(row)).sum() + scores.explanation(0).base == pytest.approx(
        total, abs=1e-9
    )


@given(applications())
def test_there_is_one_reason_a_column_in_rising_order(scorecard, row):
    reasons = scorecard.score(columns(row)).explanation(0).reasons
    assert {reason["column"] for reason in reasons} == {column.column for column in scorecard.columns}
    assert len(reasons) == len(scorecard.columns)
    contributions = [reason["contribution"] for reason in reasons]
    assert contributions == sorted(contributions)
