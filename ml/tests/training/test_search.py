"""The search of a recipe's parameters, beside scikit-learn's own."""

import contextlib

import pytest

from ml.products.loan_prediction.schema import built_in
from ml.training.recipes import get, names
from ml.training.search import search_elsewhere, search_parameters


@pytest.fixture(scope="module")
def found(dataset):
    """Return what the search of the scorecard finds, and the steps that it told."""
    steps = []
    report = search_parameters(get("scorecard"), dataset.frame, dataset.y, lambda *step: steps.append(step))
    return report, steps


def test_it_finds_what_scikit_learn_finds_to_the_last_bit(found, dataset):
    there = search_elsewhere(get("scorecard"), dataset.frame, dataset.y, contextlib.nullcontext())
    assert found[0] == there


def test_it_tells_progress_at_every_score(found):
    assert found[1] == [("searching parameters", done, 60) for done in range(1, 61)]


@pytest.mark.slow
@pytest.mark.parametrize("name", names(built_in()))
def test_every_recipe_s_search_is_scikit_learn_s(name, dataset):
    here = search_parameters(get(name), dataset.frame, dataset.y, lambda *step: None)
    assert here == search_elsewhere(get(name), dataset.frame, dataset.y, contextlib.nullcontext())
