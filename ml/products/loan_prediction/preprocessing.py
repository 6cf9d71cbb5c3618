"""The pre-processing of the article."""

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ml.applications.types import Floats, Value
from ml.forest.coding import ColumnCoding, code_columns
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import columns_from_frame, require_columns

# The columns of the article, in the order of its forest's inputs. Stored forests depend on it.
ARTICLE_COLUMNS = (
    "Gender", "Married", "Dependents", "Education", "Self_Employed", "ApplicantIncome", "CoapplicantIncome",
    "LoanAmount", "Loan_Amount_Term", "Credit_History", "Property_Area",
)  # fmt: skip


class PreProcessing(TransformerMixin, BaseEstimator):  # type: ignore[misc] # sklearn is untyped
    """Fill missing values and code categories by the rules of the article.

    Attributes
    ----------
    term_mean_, amt_mean_ : float
        Means of Loan_Amount_Term (months) and LoanAmount (thousands) in the training rows.

    Notes
    -----
    Rules from "Tutorial to deploy Machine Learning models in Production as APIs (using Flask)", P. Waghela,
    Analytics Vidhya, 2017; MIT-licensed code in github.com/pratos/flask_api.
    """

    FILLS: dict[str, Value] = {
        "Gender": "Male",
        "Married": "No",
        "Dependents": "0",
        "Self_Employed": "No",
        "Credit_History": 1.0,
    }
    CODES: dict[str, dict[str, int]] = {
        "Gender": {"Female": 0, "Male": 1},
        "Married": {"No": 0, "Yes": 1},
        "Dependents": {"0": 0, "1": 1, "2": 2, "3+": 3},
        "Education": {"Graduate": 0, "Not Graduate": 1},
        "Self_Employed": {"No": 0, "Yes": 1},
        "Property_Area": {"Rural": 0, "Urban": 1, "Semiurban": 2},
    }

    def fit(self, X: pd.DataFrame, y: ArrayLike | None = None) -> Self:
        """Learn the two means from a frame of shape (n, >= 11)."""
        require_columns(X, ARTICLE_COLUMNS)
        self.feature_names_in_ = np.array(ARTICLE_COLUMNS, dtype=object)
        self.n_features_in_ = len(ARTICLE_COLUMNS)
        self.term_mean_ = float(X["Loan_Amount_Term"].mean())
        self.amt_mean_ = float(X["LoanAmount"].mean())
        return self

    def codings(self) -> list[ColumnCoding]:
        """Return the fitted rules of each column, in the order of the article's columns."""
        check_is_fitted(self)
        fills: dict[str, Value] = self.FILLS | {
            "Loan_Amount_Term": self.term_mean_,
            "LoanAmount": self.amt_mean_,
        }
        return [ColumnCoding(name, fills.get(name), self.CODES.get(name)) for name in ARTICLE_COLUMNS]

    def transform(self, X: pd.DataFrame) -> Floats:
        """Return the coded columns, shape (n, 11), without changing `X`."""
        return code_columns(self.codings(), columns_from_frame(built_in(), X))

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Return the names of the eleven columns."""
        return np.array(ARTICLE_COLUMNS, dtype=object)
