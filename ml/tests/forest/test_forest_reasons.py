"""Reasons of the article's forest; without shap there are none."""

import importlib.util
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.forest.log_odds import slope
from ml.products.loan_prediction import golden_rows
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import columns_from_frame
from ml.tests.helpers.forests import forest_predictor
from ml.tests.helpers.strategies import applications
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()

needs_shap = pytest.mark.skipif(
    importlib.util.find_spec("shap") is None, reason="shap is an extra: make install-explain adds it"
)


@pytest.fixture(scope="module")
def predictor(trained_forest):
    return forest_predictor(trained_forest)


@pytest.fixture
def without_shap(monkeypatch):
    """As where the extra is not installed: importing shap fails."""
    monkeypatch.setitem(sys.modules, "shap", None)


def reasons_of(predictor, row):
    """Reasons of one application by column."""
    return {reason["column"]: reason for reason in predictor.score(columns(row)).explanation(0).reasons}


def gaps(scores):
    """How far base and contributions are from the log-odds, row by row."""
    for row, log_odds in enumerate(scores.log_odds):
        explanation = scores.explanation(row)
        yield explanation.base + sum(reason["contribution"] for reason in explanation.reasons) - log_odds


@needs_shap
def test_base_and_contributions_sum_to_the_log_odds_of_every_sample_row(predictor, dataset):
    scores = predictor.score(columns_from_frame(SCHEMA, dataset.frame))
    assert max(map(abs, gaps(scores))) <= 1e-9


@needs_shap
@given(st.lists(applications(), min_size=1, max_size=5))
def test_they_sum_to_the_log_odds_of_any_application(predictor, rows):
    assert max(map(abs, gaps(predictor.score(columns(*rows))))) <= 1e-9


@needs_shap
def test_there_is_one_reason_for_each_column_protected_ones_included(predictor, row):
    reasons = predictor.score(columns(row)).explanation(0).reasons
    assert sorted(reason["column"] for reason in reasons) == sorted(SCHEMA.columns)
    assert set(SCHEMA.protected) < {reason["column"] for reason in reasons}
    assert {reason["label"] for reason in reasons} == {
        SCHEMA.by_column[column].label for column in SCHEMA.columns
    }


@needs_shap
def test_the_most_adverse_reason_comes_first(predictor):
    reasons = predictor.score(columns(application(Credit_History=0.0))).explanation(0).reasons
    contributions = [reason["contribution"] for reason in reasons]
    assert contributions == sorted(contributions)
    assert reasons[0]["text"] == "Credit history: Does not meet the guidelines"


@needs_shap
def test_a_row_alone_is_explained_as_among_others(predictor):
    rows = golden_rows.golden_columns()
    among = predictor.score(rows)
    for place in range(len(rows["Gender"])):
        alone = predictor.score({name: [values[place]] for name, values in rows.items()})
        assert alone.explanation(0).digest == among.explanation(place).digest


@needs_shap
def test_threads_that_share_a_model_get_the_same_reasons(trained_forest):
    shared, rows = forest_predictor(trained_forest), golden_rows.golden_columns()
    with ThreadPoolExecutor(8) as pool:
        digests = pool.map(lambda row: shared.score(rows).explanation(row % 10).digest, range(80))
        assert len(set(digests)) == len({shared.score(rows).explanation(row).digest for row in range(10)})


@needs_shap
@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("ApplicantIncome", 5720.0, "Applicant's income: 5,720 per month"),
        ("Loan_Amount_Term", 360.0, "Term of the loan: 360 months"),
        ("Dependents", "3+", "Dependents: 3 or more"),
        ("Credit_History", None, "Credit history: missing"),
        ("Gender", "Female", "Gender: Female"),
    ],
)
def test_a_reason_says_the_value_in_words(predictor, column, value, text):
    assert reasons_of(predictor, application(**{column: value}))[column]["text"] == text


@needs_shap
def test_reasons_are_the_shares_of_the_probability(predictor, trained_forest, dataset):
    """Against shap itself: one factor for all columns of a row, so signs and shares are its own."""
    from shap import TreeExplainer

    coding, forest = trained_forest.pipeline[:-1], trained_forest.pipeline[-1]
    shares = TreeExplainer(forest).shap_values(coding.transform(dataset.frame[:20]))[:, :, 1]
    scores = predictor.score(columns_from_frame(SCHEMA, dataset.frame[:20]))
    for row, expected in enumerate(shares):
        found = {reason["column"]: reason["contribution"] for reason in scores.explanation(row).reasons}
        contributions = np.array([found[column] for column in SCHEMA.columns])
        np.testing.assert_allclose(
            contributions / np.abs(contributions).sum(), expected / np.abs(expected).sum(), atol=1e-6
        )


@needs_shap
def test_reasons_of_the_arrays_are_those_of_the_pipelines_own_forest(predictor, trained_forest, dataset):
    """Equal to what shap says of scikit-learn's objects, scaled by `slope`."""
    from shap import TreeExplainer

    coding, forest = trained_forest.pipeline[:-1], trained_forest.pipeline[-1]
    explainer, coded = TreeExplainer(forest), coding.transform(dataset.frame)
    factors = slope(explainer.expected_value[1], forest.predict_proba(coded)[:, 1])
    expected = explainer.shap_values(coded)[:, :, 1] * factors[:, np.newaxis]
    scores = predictor.score(columns_from_frame(SCHEMA, dataset.frame))
    for row, contributions in enumerate(expected):
        found = {reason["column"]: reason["contribution"] for reason in scores.explanation(row).reasons}
        assert [found[column] for column in SCHEMA.columns] == pytest.approx(contributions, abs=1e-12)


@pytest.mark.usefixtures("without_shap")
def test_without_shap_a_forest_scores_the_same_and_gives_no_reasons(trained_forest, dataset):
    scores = forest_predictor(trained_forest).score(columns_from_frame(SCHEMA, dataset.frame))
    assert scores.probability == trained_forest.pipeline.predict_proba(dataset.frame)[:, 1].tolist()
    assert (scores.explanation(0).base, scores.explanation(0).reasons) == (None, [])


def test_scores_alone_never_load_what_explains(trained_forest, monkeypatch):
    monkeypatch.delitem(sys.modules, "shap", raising=False)
    forest_predictor(trained_forest).score(golden_rows.golden_columns())
    assert "shap" not in sys.modules
