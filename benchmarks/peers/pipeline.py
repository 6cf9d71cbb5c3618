"""The pipeline that the peers serve, of scikit-learn's own parts: gaps filled, categories coded, regression.

The model is a logistic regression, the cheapest of the usual models. The cost of a forest is not measured.
"""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from ml.products.loan_prediction.schema import built_in
from ml.schemas.features import Kind

SCHEMA = built_in()


MODEL_VARIABLE = "PEER_MODEL"
COLUMNS = [feature.column for feature in SCHEMA.features]
_NUMBERS = [feature.column for feature in SCHEMA.features if feature.kind == Kind.NUMBER]
_CATEGORIES = [feature.column for feature in SCHEMA.features if feature.kind == Kind.CATEGORY]


def train(path: Path) -> None:
    """Fit on the synthetic sample."""
    from ml.products.loan_prediction.sample import make_sample

    frame = pd.DataFrame(make_sample()).fillna(np.nan)
    fill = SimpleImputer(strategy="most_frequent")
    prepared = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), _NUMBERS),
        (make_pipeline(fill, OneHotEncoder(handle_unknown="ignore")), _CATEGORIES),
    )
    pipeline = make_pipeline(prepared, LogisticRegression(max_iter=1000))
    joblib.dump(pipeline.fit(frame[COLUMNS], frame[SCHEMA.target.column] == "Y"), path)


def probabilities(pipeline: Any, rows: list[Any]) -> list[float]:
    """Return each row's probability of approval."""
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(_NUMBERS, float)).fillna(np.nan)
    answers: list[float] = pipeline.predict_proba(frame)[:, 1].tolist()
    return answers
