"""Grid search of a recipe's parameters, in the processes of a training or on a cluster."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TypedDict

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import get_scorer
from sklearn.model_selection import ParameterGrid, check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from ml.applications.types import Floats, Ints
from ml.evaluation.cross_validation import take_stateless_step
from ml.evaluation.metrics import ProgressCallback
from ml.parallel.processes import Mapper
from ml.training.recipes import Recipe

SEARCH_PHASE = "searching parameters"
_MOST_TOGETHER = 4  # candidates that one call measures
Candidate = Mapping[str, float | None]
Split = tuple[Ints, Ints]


class SearchReport(TypedDict):
    """Candidates and folds of a search, and the first of the parameters with the best mean score."""

    candidates: int
    folds: int
    best_parameters: dict[str, float | None]
    best_score: float


def search_parameters(
    recipe: Recipe, frame: pd.DataFrame, y: Ints, progress: ProgressCallback, each: Mapper = map
) -> SearchReport:
    """Search the recipe's grid; `GridSearchCV` finds the same, to the last bit.

    Candidates that differ in their last step only share the fit of the steps before it.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
    y : ndarray of shape (n,)
        0 or 1.
    progress : callable
        Called with the scores done and their total: candidates times folds.
    each : callable
        Calls the fit for each part of the grid.
    """
    learner, rows = take_stateless_step(recipe.build(), frame)
    candidates = list(ParameterGrid(dict(recipe.grid)))
    splits = list(check_cv(recipe.folds, y, classifier=True).split(rows, y))
    parts = list(itertools.product(_alike(learner, candidates), range(len(splits))))
    calls = [([candidates[number] for number in numbers], splits[fold]) for numbers, fold in parts]
    scores = np.empty((len(candidates), len(splits)))
    done = 0
    for (numbers, fold), measured in zip(
        parts, each(partial(_scores, learner, recipe.scoring, rows, y), calls), strict=True
    ):
        for number, score in zip(numbers, measured, strict=True):
            scores[number, fold] = score
            done += 1
            progress(SEARCH_PHASE, done, scores.size)
    means = scores.mean(axis=1)
    best = int(means.argmax())
    return {
        "candidates": len(candidates),
        "folds": len(splits),
        "best_parameters": candidates[best],
        "best_score": float(means[best]),
    }


def search_elsewhere(
    recipe: Recipe, frame: pd.DataFrame, y: Ints, search_on: AbstractContextManager[None]
) -> SearchReport:
    """Let scikit-learn search the recipe's grid where joblib runs in the context `search_on`."""
    search = recipe.search()
    learner, rows = take_stateless_step(search.estimator, frame)
    with search_on:
        search.set_params(estimator=learner, refit=False).fit(rows, y)
    return {
        "candidates": len(search.cv_results_["params"]),
        "folds": search.n_splits_,
        "best_parameters": search.best_params_,
        "best_score": float(search.best_score_),
    }


def _alike(learner: Pipeline, candidates: Sequence[Candidate]) -> Iterator[list[int]]:
    """Yield the numbers of candidates that differ in the parameters of the last step only."""
    last = f"{learner.steps[-1][0]}__"
    alike = defaultdict(list)
    for number, candidate in enumerate(candidates):
        alike[tuple(pair for pair in candidate.items() if not pair[0].startswith(last))].append(number)
    for numbers in alike.values():
        yield from (
            numbers[start : start + _MOST_TOGETHER] for start in range(0, len(numbers), _MOST_TOGETHER)
        )


def _scores(
    learner: Pipeline,
    scoring: str,
    rows: pd.DataFrame | Floats,
    y: Ints,
    call: tuple[Sequence[Candidate], Split],
) -> list[float]:
    """Return the scores of candidates with equal first steps on one fold."""
    candidates, (train, test) = call
    models = [clone(learner).set_params(**candidate) for candidate in candidates]
    first, scorer = models[0][:-1], get_scorer(scoring)
    fitted_on = first.fit_transform(_safe_indexing(rows, train), y[train])
    tested_on = first.transform(_safe_indexing(rows, test))
    return [float(scorer(model[-1].fit(fitted_on, y[train]), tested_on, y[test])) for model in models]
