"""Training of a recipe on a table: grid search, cross-validation beside the baselines, final fit."""

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

from ml.applications.plausibility import training_values
from ml.applications.types import Floats, Ints
from ml.evaluation.baselines import baselines, one_rule_words
from ml.evaluation.cross_validation import (
    Estimator,
    OutOfFoldProbabilities,
    repeated_folds,
)
from ml.evaluation.fairness import group_rates
from ml.evaluation.metrics import (
    DEFAULT_THRESHOLD,
    FoldValues,
    ProgressCallback,
    cross_predict,
    fold_values,
    no_progress,
    reliability_table,
    single_threaded_blas,
    summarise_model,
)
from ml.parallel.processes import Mapper, cores, processes_for_maps
from ml.schemas.schema import Schema
from ml.scorecard.scorecard import Scorecard
from ml.tables.frames import Dataset, columns_from_frame
from ml.tables.plausibility import check_plausible
from ml.training.compilation import check_equal, compile_scorecard
from ml.training.recipes import Recipe
from ml.training.search import search_elsewhere, search_parameters
from ml.training.strength import measure_strength
from ml.training.studies import learning_curve, protected_cost

HOLD_OUT_SHARE = 0.25
HOLD_OUT_SEED = 42
_MOST_PROCESSES = 8  # a search of 15 parts and 10 splits keep no more of them busy
VALIDATION = {"repeats": 10, "folds": 5, "seed": 1}

TrainingReport = dict[str, object]


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A fitted model, its report and its training table.

    Attributes
    ----------
    out_of_fold : ndarray of shape (repeats, n)
        Each row's probability in every repeat of cross-validation, by a model that was not fitted on it.
    scorecard : Scorecard or None
        The compiled points table; ``None`` for recipes other than the scorecard.
    report : dict
        Plain JSON values:

        - ``rows``, ``approved``, ``training_rows``, ``fit_seconds``
        - ``means``: what a good outcome means; ``one_rule``: what the one-rule baseline denies by
        - ``search``: candidates, folds, best parameters and score of the grid search
        - ``cross_validation``: ``repeats``, ``folds``, ``seed`` and, by model, the metrics of
          `cross_validate` with ``folds`` (`fold_values`) and ``reliability`` (`reliability_table`)
        - ``values``: ranges and choices of the training rows (`ml.applications.plausibility.training_values`)
        - ``groups`` (`group_rates`), ``learning_curve`` and ``protected_cost`` (scorecard only)
        - ``hold_out``: accuracy on the article's hold-out rows (article only)
        - ``further``, ``left_out``: columns and rows of the table that were not used
        - ``left_out_why``: rows that were left out for a reason, by reason; only if there are any
        - ``absent``: columns of the schema that the table does not have
        - ``confirmed``: unusual columns that somebody confirmed (`ml.tables.plausibility`)
        - ``largest_difference`` between points table and pipeline, and ``strength``
          (`ml.training.strength.StrengthReport`; both scorecard only)
    """

    recipe: Recipe
    pipeline: Pipeline
    scorecard: Scorecard | None
    dataset: Dataset
    report: TrainingReport
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
    """Train `recipe` on `dataset` on up to eight cores, whose number changes no result.

    Parameters
    ----------
    confirmed : collection of str
        Columns whose unusual values somebody has confirmed (see `ml.tables.plausibility`).
    progress : callable
        Called with a phase, the steps done and their total.
    search_on : context manager, optional
        Runs the grid search elsewhere (`ml.parallel.cluster.joblib_on_cluster`), without progress.
    now : callable
        Returns the time of the training.

    Raises
    ------
    ImplausibleTable
        If a column seems to have a wrong unit and nobody confirmed it.
    CompilationError
        If the compiled scorecard does not equal its pipeline on every training row.
    """
    unusual = check_plausible(
        dataset.schema, dataset.name, columns_from_frame(dataset.schema, dataset.frame), confirmed
    )
    scorecard = None
    with single_threaded_blas(), processes_for_maps(min(cores(), _MOST_PROCESSES)) as each:
        pipeline, report, out_of_fold = _fit(dataset, recipe, progress, search_on, each)
        if recipe.name == "scorecard":
            scorecard = compile_scorecard(dataset.schema, pipeline)
            report |= _scorecard_report(dataset, pipeline, scorecard, out_of_fold, each)
    report |= {
        "further": [*dataset.further],
        "absent": [*dataset.absent],
        "left_out": dataset.left_out,
        "confirmed": [column.to_json() for column in unusual],
    }
    if dataset.left_out_why:
        report["left_out_why"] = {**dataset.left_out_why}
    return TrainedModel(recipe, pipeline, scorecard, dataset, report, out_of_fold, now())


def _scorecard_report(
    dataset: Dataset, pipeline: Pipeline, scorecard: Scorecard, out_of_fold: Floats, each: Mapper
) -> TrainingReport:
    columns = columns_from_frame(dataset.schema, dataset.frame)
    scores = out_of_fold.mean(axis=0)
    return {
        "largest_difference": check_equal(scorecard, pipeline, dataset.frame),
        "strength": measure_strength(scorecard, pipeline, columns, dataset.y, scores, each=each),
    }


def _fit(
    dataset: Dataset,
    recipe: Recipe,
    progress: ProgressCallback,
    search_on: AbstractContextManager[None] | None,
    each: Mapper,
) -> tuple[Pipeline, TrainingReport, Floats]:
    """Return the fitted pipeline, its report and its out-of-fold probabilities."""
    schema, frame, y = dataset.schema, dataset.frame, dataset.y
    train_rows, test_rows = _split(recipe, len(y))
    rows = frame.iloc[train_rows], y[train_rows]
    search = (
        search_elsewhere(recipe, *rows, search_on)
        if search_on
        else search_parameters(recipe, *rows, progress, each)
    )
    chosen = recipe.estimator().set_params(**search["best_parameters"])
    estimators = {recipe.name: chosen, **baselines(schema)}
    started = time.perf_counter()
    pipeline = clone(chosen).fit(*rows)
    fit_seconds = time.perf_counter() - started
    predicted = cross_predict(estimators, repeated_folds(frame, y, **VALIDATION), progress, each)
    report: TrainingReport = {
        "rows": len(y),
        "approved": int(y.sum()),
        "training_rows": len(train_rows),
        "means": schema.target.means,
        "one_rule": one_rule_words(schema, frame, y),
        "fit_seconds": fit_seconds,
        "search": search,
        "values": training_values(schema, [columns_from_frame(schema, rows[0])]),
        **_evaluation(schema, recipe, estimators[recipe.name], predicted, progress=progress, each=each),
        "hold_out": _hold_out(estimators, frame, y, train_rows, test_rows) if recipe.hold_out else None,
    }
    return pipeline, report, predicted[recipe.name].by_repeat()


def _evaluation(
    schema: Schema,
    recipe: Recipe,
    pipeline: Pipeline,
    predicted: Mapping[str, OutOfFoldProbabilities],
    *,
    progress: ProgressCallback,
    each: Mapper,
) -> TrainingReport:
    """Return the part of the report that is measured out of fold."""
    own = predicted[recipe.name]
    folds = own.folds
    values = {name: fold_values(run) for name, run in predicted.items()}
    models = {name: _model_report(run, values[name]) for name, run in predicted.items()}
    curve = learning_curve(pipeline, folds.frame, folds.y, progress=progress, each=each)
    measures_cost = recipe.name == "scorecard" and bool(schema.protected)
    return {
        "cross_validation": VALIDATION | {"models": models},
        "groups": group_rates(schema, folds.frame, folds.y, own.mean()),
        "learning_curve": curve,
        "protected_cost": (
            protected_cost(schema, pipeline, folds, values[recipe.name], progress=progress, each=each)
            if measures_cost
            else None
        ),
    }


def _model_report(predicted: OutOfFoldProbabilities, values: FoldValues) -> TrainingReport:
    return {
        **summarise_model(predicted, values),
        "folds": values,
        "reliability": reliability_table(predicted.folds.y, predicted.mean()),
    }


def _split(recipe: Recipe, count: int) -> tuple[Ints, Ints]:
    """Return the row numbers for training and for the hold-out, which may be empty."""
    rows = np.arange(count)
    if not recipe.hold_out:
        return rows, rows[:0]
    train_rows, test_rows = train_test_split(rows, test_size=HOLD_OUT_SHARE, random_state=HOLD_OUT_SEED)
    return train_rows, test_rows


def _hold_out(
    estimators: Mapping[str, Estimator], frame: pd.DataFrame, y: Ints, train_rows: Ints, test_rows: Ints
) -> TrainingReport:
    """Return the accuracy of every estimator on the article's own hold-out rows."""
    accuracy = {}
    for name, estimator in estimators.items():
        fitted = clone(estimator).fit(frame.iloc[train_rows], y[train_rows])
        probability = fitted.predict_proba(frame.iloc[test_rows])[:, 1]
        accuracy[name] = float(((probability >= DEFAULT_THRESHOLD) == y[test_rows]).mean())
    return {"rows": len(test_rows), "seed": HOLD_OUT_SEED, "accuracy": accuracy}
