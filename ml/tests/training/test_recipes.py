"""The named recipes."""

import pandas as pd
import pytest
from sklearn.model_selection import ParameterGrid
from sklearn.pipeline import Pipeline

from ml.errors import UnknownRecipe
from ml.products.loan_prediction.schema import built_in
from ml.training import RECIPE_TITLES
from ml.training.recipes import get, names

SCHEMA = built_in()


def test_the_article_s_grid_has_its_144_points_and_three_folds():
    search = get("article").search()
    assert (len(ParameterGrid(search.param_grid)), search.cv) == (144, 3)


def test_the_article_s_model_sees_the_protected_columns():
    assert get("article").columns == SCHEMA.columns
    assert get("article").protected == ("Gender", "Married")


def test_the_scorecard_sees_neither_protected_columns_nor_what_adds_nothing():
    assert get("scorecard").protected == ()
    assert not {"Education", "Self_Employed", "Dependents"} & set(get("scorecard").columns)


def test_an_unknown_recipe_is_told_the_known_ones():
    with pytest.raises(UnknownRecipe, match="'forest' is not a recipe; there are scorecard, article"):
        get("forest")


def test_every_recipe_has_a_title_that_needs_no_scikit_learn():
    assert {name: get(name).title for name in names(SCHEMA)} == RECIPE_TITLES


@pytest.mark.parametrize("name", names(SCHEMA))
def test_a_plain_csv_frame_and_0_and_1_are_enough(name, sample_csv):
    frame = pd.read_csv(sample_csv)
    y = (frame["Loan_Status"] == "Y").astype(int)
    probability = get(name).estimator().fit(frame, y).predict_proba(frame)
    assert probability.shape == (614, 2)


@pytest.mark.parametrize("name", names(SCHEMA))
def test_each_call_gives_a_fresh_estimator(name):
    first, second = get(name).estimator(), get(name).estimator()
    assert isinstance(first, Pipeline)
    assert first is not second
    assert not set(map(id, first.named_steps.values())) & set(map(id, second.named_steps.values()))


def test_the_scorecard_s_default_parameters_are_among_its_candidates():
    parameters = get("scorecard").estimator().get_params()
    assert all(parameters[name] in values for name, values in get("scorecard").grid.items())
