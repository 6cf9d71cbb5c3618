"""Transformers of DataFrames with the columns of a schema."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ml.applications.types import Columns, Floats, Value
from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from ml.tables.frames import columns_from_frame, require_columns


class FrameStep(TransformerMixin, BaseEstimator):  # type: ignore[misc] # sklearn is untyped
    """Base class of transformers that read the schema's columns of a frame and ignore other columns.

    They compute each row from itself, and learn nothing from others.
    """

    stateless = True  # see `ml.evaluation.cross_validation.take_stateless_step`

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def fit(self, X: pd.DataFrame, y: ArrayLike | None = None) -> Self:
        """Check that `X` has the schema's columns."""
        require_columns(X, self.schema.columns)
        self.feature_names_in_ = np.array(self.schema.columns, dtype=object)
        self.n_features_in_ = len(self.schema.columns)
        return self


class ModelColumns(FrameStep):
    """Compute the schema's model columns, which no protected column is part of."""

    def transform(self, X: pd.DataFrame) -> Floats:
        """Return floats of shape (n, model columns), NaN for missing."""
        check_is_fitted(self)
        return np.column_stack(_model_values(self.schema, columns_from_frame(self.schema, X)))

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """Return the names of the model columns."""
        return np.array([column.column for column in self.schema.model_columns], dtype=object)


class ModelAndProtectedColumns(FrameStep):
    """Compute the model columns and codes of the protected columns; numbers are taken as they are."""

    def transform(self, X: pd.DataFrame) -> Floats:
        """Return floats of shape (n, model columns and protected columns), NaN for missing."""
        check_is_fitted(self)
        columns = columns_from_frame(self.schema, X)
        protected = [_codes(self.schema.by_column[name], columns[name]) for name in self.schema.protected]
        return np.column_stack(_model_values(self.schema, columns) + protected)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """Return the names of the model columns and of the protected columns."""
        names = [column.column for column in self.schema.model_columns]
        return np.array([*names, *self.schema.protected], dtype=object)


def _model_values(schema: Schema, columns: Columns) -> list[Floats]:
    return [column.values(columns) for column in schema.model_columns]


def _codes(feature: Feature, values: Sequence[Value]) -> Floats:
    """Return the place of each value among the choices, or the number itself where there are none."""
    if not feature.choices:
        return np.array(values, dtype=np.float64)
    codes: dict[Value, float] = {value: float(code) for code, value in enumerate(feature.values)}
    return np.array([codes.get(value, np.nan) for value in values])
