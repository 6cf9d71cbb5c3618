"""The article's model file: its grid search, fitted on the rows and columns that it keeps, pickled whole."""

import pickle
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

from benchmarks.data import real_rows
from ml.products.loan_prediction.schema import built_in
from ml.training.recipes import get

SCHEMA = built_in()

MODEL_VARIABLE = "ARTICLE_MODEL"
_NEEDED = ["Gender", "Married", "Credit_History", "LoanAmount"]


def train(path: Path) -> None:
    """Run the article's grid search and save it."""
    frame = pd.DataFrame(real_rows.labelled()).dropna(subset=_NEEDED)
    kept, _ = train_test_split(frame, test_size=0.25, random_state=42)
    search = get("article").search()
    with path.open("wb") as file:
        pickle.dump(search.fit(kept, kept[SCHEMA.target.column].map(SCHEMA.target.codes)), file)
