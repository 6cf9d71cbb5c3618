"""Train a recipe on a table: grid search, cross-validation beside the baselines, final fit."""

import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, ParameterGrid, train_test_split
from sklearn.pipeline import Pipeline

from ml.applications.plausibility import training_values
from ml.applications.types import Floats
from ml.evaluation.cross_validation import OutOfFoldProbabilities, repeated_folds
from ml.evaluation.fairness import group_rates
from ml.evaluation.metrics import (
    DEFAULT_THRESHOLD,
    ProgressCallback,
    baselines,
    cross_predict,
    fold_values,
    no_progress,
    reliability_table,
    single_threaded_blas,
    summarise_model,
)
from ml.scorecard.scorecard import Scorecard
from ml.tables.frames import Dataset, columns_from_frame
from ml.tables.plausibility import check_plausible
from ml.training.compilation import check_equal, compile_scorecard
from ml.training.recipes import Recipe
from ml.training.studies import learning_curve, protected_cost

HOLD_OUT_SHARE = 0.25
HOLD_OUT_SEED = 42
VALIDATION = {"repeats": 10, "folds": 5, "seed": 1}


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A fitted model and what is known about it.

    Attributes
    ----------
    out_of_fold : ndarray of shape (repeats, n)
        Each row's probability in every repeat of cross-validation, by a model that was not fitted on it.
    scorecard : Scorecard or None
        The compiled points table, when the recipe has one.
    report : dict
        Plain JSON values: search, cross-validation, hold-out, times. ``cross_validation`` holds, by model,
        the figures of `cross_validate`, ``folds`` (`fold_values`) and ``reliability_table``; ``values`` is
        what the
        rows of the final fit hold (`ml.applications.plausibility`); ``group_rates``, ``learning_curve`` and
        ``protected_cost`` (None but for the scorecard) are what the functions of these names return.
    """

    recipe: Recipe
    pipeline: Pipeline
    scorecard: Scorecard | None
    dataset: Dataset
    report: dict[str, Any]
    out_of_fold: Floats
    trained_at: datetime


def train(
    dataset: Dataset,
    recipe: Recipe,
    *,
    confirmed: Collection[str] = (),
    progress: ProgressCallback = no_progress,
    search_on: AbstractContextManager[None] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> TrainedModel:
    """Train `recipe` on `dataset`.

    Parameters
    ----------
    confirmed : collection of str
        Columns whose unusual values somebody vouches for (see `ml.tables.plausibility`).
    progress : callable
        Called with phase, steps done and steps in all.
    search_on : context manager, optional
        Within it the grid search works elsewhere (`ml.parallel.cluster.joblib_on_cluster`) and tells no
        steps.

    Raises
    ------
    ImplausibleTable
        When a column that nobody confirmed looks as if it had a wrong unit.
    CompilationError
        When the compiled scorecard does not equal its pipeline on every training row.
    """
    vouched = check_plausible(dataset.name, columns_from_frame(dataset.frame), confirmed)
    with single_threaded_blas():
        pipeline, report, out_of_fold = _fit(dataset, recipe, progress, search_on)
    report["confirmed"] = [unit.to_json() for unit in vouched]
    scorecard = None
    if recipe.name == "scorecard":
        scorecard = compile_scorecard(pipeline)
        report["largest_difference"] = check_equal(scorecard, pipeline, dataset.frame)
    return TrainedModel(recipe, pipeline, scorecard, dataset, report, out_of_fold, now())


def _fit(
    dataset: Dataset,
    recipe: Recipe,
    progress: ProgressCallback,
    search_on: AbstractContextManager[None] | None,
) -> tuple[Pipeline, dict[str, Any], Floats]:
    """Return the final fit, the report of how it was chosen and how good it is, and `out_of_fold`."""
    frame, y = dataset.frame, dataset.y
    train_rows, test_rows = _split(recipe, len(y))
    rows = frame.iloc[train_rows], y[train_rows]
    search = _search_elsewhere(recipe, *rows, search_on) if search_on else _search(recipe, *rows, progress)
    estimators = {recipe.name: search.best_estimator_, **baselines()}
    started = time.perf_counter()
    pipeline = clone(search.best_estimator_).fit(*rows)
    fit_seconds = time.perf_counter() - started
    predicted = cross_predict(estimators, repeated_folds(frame, y, **VALIDATION), progress)
    report = {
        "rows": len(y),
        "approved": int(y.sum()),
        "training_rows": len(train_rows),
        "fit_seconds": fit_seconds,
        "search": _search_report(search),
        "values": training_values([columns_from_frame(rows[0])]),
        **_evaluation(recipe, estimators[recipe.name], predicted, progress),
        "hold_out": _hold_out(estimators, frame, y, train_rows, test_rows) if recipe.hold_out else None,
    }
    return pipeline, report, predicted[recipe.name].by_repeat()


def _evaluation(
    recipe: Recipe, own: Any, predicted: dict[str, OutOfFoldProbabilities], progress: ProgressCallback
) -> dict[str, Any]:
    """Everything that is measured out of fold."""
    models = {name: _measured(run) for name, run in predicted.items()}
    folds = predicted[recipe.name].folds
    return {
        "cross_validation": VALIDATION | {"models": models},
        "groups": group_rates(folds.frame, folds.y, predicted[recipe.name].mean()),
        "learning_curve": learning_curve(own, folds.frame, folds.y, progress=progress),
        "protected_cost": (
            protected_cost(own, folds, models[recipe.name]["folds"], progress)
            if recipe.name == "scorecard"
            else None
        ),
    }


def _measured(predicted: OutOfFoldProbabilities) -> dict[str, Any]:
    """The figures of one estimator, and what they follow from."""
    values = fold_values(predicted)
    return summarise_model(predicted, values) | {
        "folds": values,
        "reliability": reliability_table(predicted.folds.y, predicted.mean()),
    }


def _split(recipe: Recipe, rows: int) -> tuple[NDArray[Any], NDArray[Any]]:
    every = np.arange(rows)
    if not recipe.hold_out:
        return every, every[:0]
    train_rows, test_rows = train_test_split(every, test_size=HOLD_OUT_SHARE, random_state=HOLD_OUT_SEED)
    return train_rows, test_rows


def _search(recipe: Recipe, frame: pd.DataFrame, y: NDArray[Any], progress: ProgressCallback) -> GridSearchCV:
    """Run the grid search; its scorer is called once per candidate and fold, which is the progress."""
    scorer = get_scorer(recipe.scoring)
    folds = getattr(recipe.folds, "n_splits", recipe.folds)
    total = len(ParameterGrid(dict(recipe.grid))) * folds
    done = 0

    def counting_scorer(estimator: Any, X: Any, y: Any) -> float:
        nonlocal done
        done += 1
        progress("searching parameters", done, total)
        return float(scorer(estimator, X, y))

    return recipe.search(counting_scorer).fit(frame, y)


def _search_elsewhere(
    recipe: Recipe, frame: pd.DataFrame, y: NDArray[Any], search_on: AbstractContextManager[None]
) -> GridSearchCV:
    with search_on:
        return recipe.search().fit(frame, y)


def _search_report(search: GridSearchCV) -> dict[str, Any]:
    return {
        "candidates": len(search.cv_results_["params"]),
        "folds": search.n_splits_,
        "best_parameters": search.best_params_,
        "best_score": float(search.best_score_),
    }


def _hold_out(
    estimators: dict[str, Any], frame: pd.DataFrame, y: NDArray[Any], train_rows: Any, test_rows: Any
) -> dict[str, Any]:
    """Accuracy of every estimator on the article's own hold-out rows."""
    accuracy = {}
    for name, estimator in estimators.items():
        fitted = clone(estimator).fit(frame.iloc[train_rows], y[train_rows])
        probability = fitted.predict_proba(frame.iloc[test_rows])[:, 1]
        accuracy[name] = float(((probability >= DEFAULT_THRESHOLD) == y[test_rows]).mean())
    return {"rows": len(test_rows), "seed": HOLD_OUT_SEED, "accuracy": accuracy}
