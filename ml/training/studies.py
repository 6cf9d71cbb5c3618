"""What leaving the protected columns out costs: the scorecard's pipeline with them, for measuring alone.

No recipe is made here, so nothing of this can be chosen, compiled or served.
"""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ml.applications.schema import BY_COLUMN, PROTECTED
from ml.evaluation.cross_validation import Floats, Folds, out_of_fold
from ml.evaluation.metrics import FoldValues, Progress, fold_values, no_progress, summaries
from ml.products.loan_prediction.preprocessing import FrameStep
from ml.scorecard.columns import MODEL_COLUMNS
from ml.tables.frames import to_columns

COST_PHASE = "cross-validating with protected columns"


class ModelAndProtectedColumns(FrameStep):
    """Derive the scorecard's five columns, then code Gender and Married."""

    def transform(self, X: pd.DataFrame) -> Floats:
        """Return floats of shape (n, 7), NaN for missing; a code is the value's place in the schema."""
        check_is_fitted(self)
        columns = to_columns(X)
        derived = [column.values(columns) for column in MODEL_COLUMNS]
        return np.column_stack(derived + [self._codes(name, columns[name]) for name in PROTECTED])

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Return the names of the seven columns."""
        return np.array([*(column.column for column in MODEL_COLUMNS), *PROTECTED], dtype=object)

    @staticmethod
    def _codes(name: str, values: list[Any]) -> Floats:
        code = {value: float(place) for place, value in enumerate(BY_COLUMN[name].values)}
        return np.array([code.get(value, np.nan) for value in values])


def with_protected(scorecard: Pipeline) -> Pipeline:
    """Return an unfitted copy of the scorecard's pipeline that sees Gender and Married as nominal columns."""
    directions = (*scorecard["woe"].directions, *[0] * len(PROTECTED))
    coded = (*scorecard["woe"].coded, *[True] * len(PROTECTED))
    return Pipeline(
        [
            ("columns", ModelAndProtectedColumns()),
            ("woe", clone(scorecard["woe"]).set_params(directions=directions, coded=coded)),
            ("logistic", clone(scorecard["logistic"])),
        ]
    )


def protected_cost(
    scorecard: Pipeline, folds: Folds, without: FoldValues, progress: Progress = no_progress
) -> dict[str, Any]:
    """Cross-validate the scorecard with the protected columns on the folds on which it was without.

    Parameters
    ----------
    scorecard : Pipeline
        With the parameters chosen for it; they are not chosen anew.
    without : dict
        Its own `fold_values` on `folds`.

    Returns
    -------
    dict
        ``{"columns", "with", "difference"}``: the protected columns, then metric to ``{"mean", "low",
        "high"}``: with them, and with them minus without, fold by fold.
    """
    values = fold_values(out_of_fold(with_protected(scorecard), folds, partial(progress, COST_PHASE)))
    gains = {name: np.subtract(values[name], without[name]).tolist() for name in values}
    return {
        "columns": list(PROTECTED),
        "with": summaries(values, folds.test_share),
        "difference": summaries(gains, folds.test_share),
    }
