"""Golden rows: invented applications that every load of a model scores again."""

from ml.applications.schema import COLUMNS, FEATURES
from ml.applications.types import Columns, Value
from ml.errors import GoldenRowsFailed
from ml.scorecard.scores import Predictor

TOLERANCE = 1e-12

_TYPICAL: dict[str, Value] = {
    "Gender": "Female", "Married": "No", "Dependents": "1", "Education": "Graduate",
    "Self_Employed": "No", "ApplicantIncome": 4000.0, "CoapplicantIncome": 1500.0,
    "LoanAmount": 130.0, "Loan_Amount_Term": 360.0, "Credit_History": 1.0, "Property_Area": "Urban",
}  # fmt: skip
_CHANGES: tuple[dict[str, Value], ...] = (
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
    """Raise `GoldenRowsFailed` unless `predictor` gives the `expected` probabilities for the golden rows."""
    actual = predictor.score(golden_columns()).probability
    pairs = zip(actual, expected, strict=len(actual) == len(expected))
    if len(actual) != len(expected) or not all(abs(a - b) <= TOLERANCE for a, b in pairs):
        raise GoldenRowsFailed("The model does not give the probabilities that were stored with it.")
