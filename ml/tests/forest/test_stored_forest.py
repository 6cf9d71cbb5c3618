"""A forest as plain data scores bit for bit as the pipeline that it was made from."""

import dataclasses
import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ml.errors import ArtefactError
from ml.forest.conversion import forest_from_pipeline
from ml.forest.forest import ImpuritySplitForest
from ml.forest.model import Forest
from ml.products.loan_prediction.golden_rows import golden_columns
from ml.products.loan_prediction.preprocessing import PreProcessing
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import columns_from_frame, frame_from_columns, read_training_csv
from ml.tests.helpers.forests import forest_predictor
from ml.tests.helpers.strategies import applications
from ml.tests.helpers.tables import columns

SCHEMA = built_in()

FORESTS = {
    "whole trees": ImpuritySplitForest(0.0, random_state=1),
    "cut trees": ImpuritySplitForest(0.3, random_state=2),
    "few leaves": ImpuritySplitForest(0.1, max_leaf_nodes=5, n_estimators=30, random_state=3),
    "single leaves": ImpuritySplitForest(0.5, random_state=4),
}


@pytest.fixture(scope="module", params=FORESTS)
def pipeline(request, dataset):
    return make_pipeline(PreProcessing(), FORESTS[request.param]).fit(dataset.frame, dataset.y)


@pytest.fixture(scope="module")
def forest(trained_forest):
    return forest_from_pipeline(trained_forest.pipeline)


def stored(forest):
    """The forest as a store writes and reads it."""
    return Forest.from_json(json.loads(json.dumps(forest.to_json())))


def probabilities(forest, rows):
    return forest.probability(forest.inputs(rows))


def assert_equal(pipeline, rows):
    expected = pipeline.predict_proba(frame_from_columns(SCHEMA, rows))[:, 1]
    np.testing.assert_array_equal(probabilities(stored(forest_from_pipeline(pipeline)), rows), expected)


def random_columns(count, seed=5):
    """Random rows: a tenth of the optional values missing, numbers at equal ratios over their whole range."""
    rng = np.random.default_rng(seed)
    return {feature.column: random_values(feature, rng, count) for feature in SCHEMA.features}


def random_values(feature, rng, count):
    if feature.choices:
        values = [feature.values[place] for place in rng.integers(0, len(feature.values), count)]
    else:
        values = np.geomspace(feature.minimum or 0.01, feature.maximum, count).tolist()
        rng.shuffle(values)
    gaps = rng.random(count) < 0.1 * feature.optional
    return [None if gap else value for gap, value in zip(gaps, values, strict=True)]


def with_one_tree(forest, **arrays):
    """The JSON of a forest of one tree with changed arrays."""
    document = forest.to_json()
    return document | {"trees": [document["trees"][0] | arrays]}


@pytest.mark.slow
def test_it_scores_100_000_random_rows_as_the_pipeline(trained_forest):
    assert_equal(trained_forest.pipeline, random_columns(100_000))


def test_every_kind_of_tree_scores_as_in_the_pipeline(pipeline):
    assert_equal(pipeline, random_columns(5_000))


def test_it_scores_the_real_table_as_the_pipeline(pipeline, real_table):
    assert_equal(pipeline, columns_from_frame(SCHEMA, read_training_csv(SCHEMA, real_table).frame))


def test_values_at_a_threshold_and_beside_it_go_the_same_way(pipeline):
    [loan] = [place for place, column in enumerate(SCHEMA.columns) if column == "LoanAmount"]
    trees = [tree.tree_ for tree in pipeline[-1].estimators_]
    exact = np.concatenate([[100.0], *(tree.threshold[tree.feature == loan] for tree in trees)])
    single = exact.astype(np.float32)
    beside = [np.nextafter(single, np.float32(end)).astype(float) for end in (0, np.inf)]
    amounts = np.concatenate([exact, single.astype(float), np.nextafter(exact, np.inf), *beside]).tolist()
    rows = {name: values[:1] * len(amounts) for name, values in golden_columns().items()}
    assert_equal(pipeline, rows | {"LoanAmount": amounts})


@given(st.lists(applications(), min_size=1, max_size=5))
def test_any_applications_are_scored_as_by_the_pipeline(trained_forest, forest, rows):
    expected = trained_forest.pipeline.predict_proba(frame_from_columns(SCHEMA, columns(*rows)))[:, 1]
    assert probabilities(forest, columns(*rows)).tolist() == expected.tolist()


def test_a_row_alone_scores_as_among_thousands(forest):
    rows = random_columns(5_000)
    among = probabilities(forest, rows)
    for place in (0, 2047, 2048, 4999):
        alone = {name: [values[place]] for name, values in rows.items()}
        assert probabilities(forest, alone)[0] == among[place]


def test_no_row_gives_no_probability(forest):
    assert probabilities(forest, {column: [] for column in SCHEMA.columns}).tolist() == []


def test_arrays_of_numbers_score_as_lists(forest):
    rows = random_columns(100)
    arrays = rows | {
        name: np.array(rows[name], dtype=float)
        for name in ("ApplicantIncome", "LoanAmount", "Credit_History")
    }
    assert probabilities(forest, arrays).tolist() == probabilities(forest, rows).tolist()


def test_json_restores_every_array_and_every_fill_exactly(forest):
    assert stored(forest).to_json() == forest.to_json()
    assert stored(forest).codings == forest.codings


def test_nodes_that_no_row_can_reach_are_not_stored(dataset):
    pipeline = make_pipeline(PreProcessing(), FORESTS["single leaves"]).fit(dataset.frame, dataset.y)
    assert [len(tree.left) for tree in forest_from_pipeline(pipeline).trees] == [1] * 10


def test_it_reads_the_columns_of_its_training_and_ignores_others(trained_forest, forest):
    rows = random_columns(10)
    assert forest.columns == SCHEMA.columns
    predictor = forest_predictor(trained_forest)
    assert predictor.score(rows | {"Loan_ID": [None] * 10}).probability == predictor.score(rows).probability
    assert predictor.cache_keys(rows | {"Loan_ID": [*range(10)]}) == predictor.cache_keys(rows)


def test_a_pickled_predictor_scores_the_same(trained_forest):
    predictor, rows = forest_predictor(trained_forest), random_columns(10)
    predictor.score(rows).explanation(0)
    copy = pickle.loads(pickle.dumps(predictor))  # noqa: S301 -- our own bytes, made in this line
    assert copy.score(rows).probability == predictor.score(rows).probability


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("Gender", "Other", "Gender: 'Other' is not one of Female, Male"),
        ("Education", None, "Education: None is not one of Graduate, Not Graduate"),
        ("ApplicantIncome", None, "ApplicantIncome: None is not a number"),
    ],
)
def test_a_value_that_it_cannot_code_is_named(forest, column, value, message):
    with pytest.raises(ValueError, match=message):
        forest.inputs(golden_columns() | {column: [value] * 10})


@pytest.mark.parametrize(
    "change", [{"format": "loansite-scorecard"}, {"version": 2}], ids=["format", "version"]
)
def test_another_document_is_refused(forest, change):
    with pytest.raises(ValueError, match="not a loansite-forest document of version 1"):
        Forest.from_json(forest.to_json() | change)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"value": [0.5]}, "must have the same length"),
        ({"left": [0] * 3, "right": [0] * 3}, "must have the same length"),
    ],
)
def test_arrays_of_different_lengths_are_refused(forest, arrays, message):
    with pytest.raises(ValueError, match=message):
        Forest.from_json(with_one_tree(forest, **arrays))


def single_split(**arrays):
    tree = {
        "left": [1, -1, -1], "right": [2, -1, -1], "feature": [0, 0, 0],
        "threshold": [0.5, 0.0, 0.0], "value": [0.5, 0.1, 0.9], "weight": [2.0, 1.0, 1.0],
    }  # fmt: skip
    return tree | arrays


@pytest.mark.parametrize(
    "arrays",
    [{"left": [0, -1, -1]}, {"right": [3, -1, -1]}, {"right": [-1, -1, -1]}, {"left": [-1, -1, -1]}],
    ids=["its own child", "beyond the end", "one child", "no left child"],
)
def test_a_tree_without_an_end_is_refused(forest, arrays):
    with pytest.raises(ValueError, match="must be nodes after it"):
        Forest.from_json(with_one_tree(forest, **single_split(**arrays)))


@pytest.mark.parametrize("feature", [-1, 11])
def test_a_tree_that_compares_an_unknown_input_is_refused(forest, feature):
    with pytest.raises(ValueError, match="beyond the 11 columns"):
        Forest.from_json(with_one_tree(forest, **single_split(feature=[feature, 0, 0])))


def test_a_forest_without_a_tree_is_refused(forest):
    with pytest.raises(ValueError, match="needs a tree"):
        dataclasses.replace(forest, trees=())


def test_a_pipeline_of_other_steps_is_refused_by_their_names(dataset):
    pipeline = make_pipeline(StandardScaler(), RandomForestClassifier(2)).fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(ArtefactError, match="StandardScaler, RandomForestClassifier cannot be stored"):
        forest_from_pipeline(pipeline)


def test_a_forest_that_knows_one_class_only_is_refused(dataset):
    pipeline = make_pipeline(PreProcessing(), ImpuritySplitForest()).fit(dataset.frame, dataset.y * 0)
    with pytest.raises(ArtefactError, match=r"0 and 1 are expected"):
        forest_from_pipeline(pipeline)
