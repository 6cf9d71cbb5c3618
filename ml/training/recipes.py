"""Recipes by name: pipeline, parameter grid, columns and training rows."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline

from ml.applications.types import Ints
from ml.errors import UnknownRecipe
from ml.evaluation.cross_validation import Estimator
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import Schema
from ml.training import RECIPE_TITLES
from ml.training.frame_steps import ModelColumns
from ml.training.logistic import NonNegativeLogisticRegression
from ml.training.woe import WeightOfEvidence

Grid = Mapping[str, Sequence[float | None]]
Scorer = Callable[[Estimator, pd.DataFrame, Ints], float]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make one kind of model.

    Attributes
    ----------
    columns, protected : tuple of str
        The data set's columns that the model may see, and `protected` ones among them.
    grid : mapping
        Parameter names to the values to try.
    folds : int or splitter
        Cross-validation of the grid search.
    scoring : str
        scikit-learn scorer that the search maximises.
    hold_out : bool
        Whether to train on the article's 75% of the rows and measure accuracy on the rest.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    protected: tuple[str, ...]
    build: Callable[[], Pipeline]
    grid: Grid
    folds: int | StratifiedKFold
    scoring: str
    hold_out: bool

    def estimator(self) -> Pipeline:
        """Return an unfitted estimator with default parameters.

        Its `fit` takes a DataFrame with the data set's columns, and y of 0 or 1. Other columns are ignored;
        missing values are NaN.
        """
        return self.build()

    def search(self, scoring: Scorer | None = None) -> GridSearchCV:
        """Return the unfitted grid search, with the recipe's own scorer unless `scoring` is given."""
        return GridSearchCV(
            self.build(), dict(self.grid), scoring=scoring or self.scoring, cv=self.folds, error_score="raise"
        )


# On two tables of lenders, pooling and shrinkage raised ROC-AUC by .001 and lowered log loss by .001. A
# search of the number of quantiles too chose slightly worse.
_POOLED = {"min_share": 0.05, "shrinkage": 5.0}
_GRID: Grid = {"logistic__C": [0.1, 0.2, 0.4, 0.8, 1.6]}
# The built-in product's scores were measured and published with these.
_BUILT_IN_BINS = {"min_share": 0.0, "shrinkage": 0.0}
_BUILT_IN_GRID: Grid = {"logistic__C": [0.1, 0.3, 1.0, 3.0], "woe__n_quantiles": [10, 20, 30]}


def _is_built_in(schema: Schema) -> bool:
    return schema.name == built_in().name


def binner(schema: Schema) -> WeightOfEvidence:
    """Return an unfitted binner of a schema's model columns."""
    columns = schema.model_columns
    return WeightOfEvidence(
        n_quantiles=20,
        directions=tuple(column.direction for column in columns),
        coded=tuple(bool(column.choices) for column in columns),
        specials=tuple(tuple(number for number, _ in column.special) for column in columns),
        **(_BUILT_IN_BINS if _is_built_in(schema) else _POOLED),
    )


def _scorecard_pipeline(schema: Schema) -> Pipeline:
    logistic = NonNegativeLogisticRegression(C=1.0)
    return Pipeline([("columns", ModelColumns(schema)), ("woe", binner(schema)), ("logistic", logistic)])


def _scorecard(schema: Schema) -> Recipe:
    return Recipe(
        name="scorecard",
        title=RECIPE_TITLES["scorecard"],
        columns=schema.source_columns,
        protected=(),
        build=functools.partial(_scorecard_pipeline, schema),
        grid=_BUILT_IN_GRID if _is_built_in(schema) else _GRID,
        folds=StratifiedKFold(5, shuffle=True, random_state=0),
        scoring="neg_log_loss",
        hold_out=False,
    )


_FOREST = "impuritysplitforest__"


def _forest_pipeline() -> Pipeline:
    from ml.forest.forest import ImpuritySplitForest  # and scikit-learn's forests, which no scorecard needs
    from ml.products.loan_prediction.preprocessing import PreProcessing

    return make_pipeline(PreProcessing(), ImpuritySplitForest(random_state=42))


def _article(schema: Schema) -> Recipe:
    """Return the article's recipe, with the article's grid, folds and split (source: `PreProcessing`)."""
    return Recipe(
        name="article",
        title=RECIPE_TITLES["article"],
        columns=schema.columns,
        protected=schema.protected,
        build=_forest_pipeline,
        grid={
            f"{_FOREST}n_estimators": [10, 20, 30],
            f"{_FOREST}max_depth": [None, 6, 8, 10],
            f"{_FOREST}max_leaf_nodes": [None, 5, 10, 20],
            f"{_FOREST}min_impurity_split": [0.1, 0.2, 0.3],
        },
        folds=3,
        scoring="accuracy",
        hold_out=True,
    )


_RECIPES: dict[str, Callable[[Schema], Recipe]] = {"scorecard": _scorecard, "article": _article}


def get(name: str, schema: Schema | None = None) -> Recipe:
    """Return the recipe called `name`.

    Parameters
    ----------
    schema : Schema, optional
        The schema of the tables to train on; that of the built-in product if None.

    Raises
    ------
    UnknownRecipe
        If there is none for this schema; the message lists the recipes.
    """
    known = names(schema or built_in())
    if name not in known:
        raise UnknownRecipe(f"{name!r} is not a recipe; there are {', '.join(known)}.")
    return _RECIPES[name](schema or built_in())


def names(schema: Schema) -> tuple[str, ...]:
    """Return the names of a schema's recipes. The article's forest is for the article's table alone."""
    return tuple(_RECIPES) if schema.columns == built_in().columns else ("scorecard",)
