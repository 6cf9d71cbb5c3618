"""The forest with the old rule min_impurity_split."""

import numpy as np
import pytest

from ml.forest.forest import ImpuritySplitForest
from ml.products.loan_prediction.preprocessing import PreProcessing


@pytest.fixture(scope="module")
def table(dataset):
    return PreProcessing().fit_transform(dataset.frame), dataset.y


def reached(tree, node=0):
    """The nodes that a row can reach, with their impurity and whether they split."""
    splits = tree.children_left[node] != tree.children_right[node]
    children = (tree.children_left[node], tree.children_right[node]) if splits else ()
    return [(tree.impurity[node], splits), *(found for child in children for found in reached(tree, child))]


def nodes(forest):
    return [node for tree in forest.estimators_ for node in reached(tree.tree_)]


@pytest.mark.parametrize("threshold", [0.1, 0.2, 0.3])
def test_no_node_at_or_below_the_threshold_splits(table, threshold):
    forest = ImpuritySplitForest(threshold, random_state=1).fit(*table)
    assert min(impurity for impurity, splits in nodes(forest) if splits) > threshold


def test_every_node_above_the_threshold_splits_as_before(table):
    whole = ImpuritySplitForest(0.0, random_state=1).fit(*table)
    cut = ImpuritySplitForest(0.3, random_state=1).fit(*table)
    impure = [sum(splits for impurity, splits in nodes(forest) if impurity > 0.3) for forest in (whole, cut)]
    assert 0 < impure[1] <= impure[0]
    assert all(splits for impurity, splits in nodes(cut) if impurity > 0.3)


def test_a_higher_threshold_makes_smaller_trees(table):
    sizes = [len(nodes(ImpuritySplitForest(cut, random_state=1).fit(*table))) for cut in (0.0, 0.1, 0.3, 0.5)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 10  # nothing is as impure as 0.5: ten trees of one leaf


def test_probabilities_stay_probabilities(table):
    probability = ImpuritySplitForest(0.3, random_state=1).fit(*table).predict_proba(table[0])
    np.testing.assert_allclose(probability.sum(axis=1), 1)
