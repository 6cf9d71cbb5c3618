"""Golden rows: invented applications whose probabilities are stored with a model, checked at every load."""

from typing import Any

from ml.applications.schema import COLUMNS, FEATURES
from ml.applications.types import Columns
from ml.errors import GoldenRowsFailed
from ml.scorecard.scores import Predictor

TOLERANCE = 1e-12

_TYPICAL: dict[str, Any] = {
    "Gender": "Female", "Married": "No", "Dependents": "1", "Education": "Graduate",
    "Self_Employed": "No", "ApplicantIncome": 4000.0, "CoapplicantIncome": 1500.0,
    "LoanAmount": 130.0, "Loan_Amount_Term": 360.0, "Credit_History": 1.0, "Property_Area": "Urban",
}  # fmt: skip
_CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {feature.column: None for feature in FEATURES if feature.optional},
    {"ApplicantIncome": 0.0, "CoapplicantIncome": 0.0},
    {"LoanAmount": 700.0, "Loan_Amount_Term": 12.0},
    {"ApplicantIncome": 81_000.0, "LoanAmount": 9.0},
    {"Credit_History": 0.0},
    {"Credit_History": 0.0, "Property_Area": "Rural", "ApplicantIncome": 1500.0},
    {"Property_Area": "Semiurban", "Dependents": "3+", "Married": "Yes", "Gender": "Male"},
    {"ApplicantIncome": 2600.0, "CoapplicantIncome": 0.0, "LoanAmount": 110.0},
    {"Education": "Not Graduate", "Self_Employed": "Yes", "Loan_Amount_Term": 180.0},
)


def golden_columns() -> Columns:
    """Return the golden rows as columns."""
    rows = [_TYPICAL | change for change in _CHANGES]
    return {column: [row[column] for row in rows] for column in COLUMNS}


def check_golden_rows(predictor: Predictor, expected: list[float]) -> None:
    """Raise `GoldenRowsFailed` unless `predictor` gives the `expected` probabilities."""
    found = predictor.score(golden_columns()).probability
    pairs = zip(found, expected, strict=len(found) == len(expected))
    if len(found) != len(expected) or not all(abs(a - b) <= TOLERANCE for a, b in pairs):
        raise GoldenRowsFailed("The model does not give the probabilities that were stored with it.")
