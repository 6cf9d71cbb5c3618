"""A cached score equals the score of each application alone."""

from hypothesis import given
from hypothesis import strategies as st

from ml.products.loan_prediction.schema import built_in
from ml.scorecard.missing_value_bounds import missing_columns_by_row
from ml.scorecard.score_cache import ScoreCache
from ml.tests.helpers.strategies import applications
from ml.tests.helpers.tables import application

SCHEMA = built_in()


def columns_of(rows):
    return {name: [row[name] for row in rows] for name in SCHEMA.columns}


@given(st.lists(applications(), min_size=1, max_size=8))
def test_a_cached_score_equals_the_score_of_the_row_alone(scorecard, rows):
    for row, score in zip(rows, ScoreCache(scorecard, lambda score: score)(columns_of(rows)), strict=True):
        alone = scorecard.score(columns_of([row]))
        assert (score.probability, score.log_odds) == (alone.probability[0], alone.log_odds[0])
        assert (score.explanation.reasons, score.gaps) == (alone.explanation(0).reasons, alone.gaps(0))
        assert [score.missing] == missing_columns_by_row(columns_of([row]), scorecard.sources, 1)


def test_rows_with_equal_keys_share_one_result(scorecard):
    judge = ScoreCache(scorecard, lambda score: [score])
    first, second = judge(columns_of([application(), application(Gender="Female")]))
    assert first is second is judge(columns_of([application()]))[0]


@given(st.lists(applications(), min_size=2, max_size=8))
def test_a_row_has_the_same_key_alone_and_among_others(scorecard, rows):
    alone = [key for row in rows for key in scorecard.cache_keys(columns_of([row]))]
    assert [*scorecard.cache_keys(columns_of(rows))] == alone
