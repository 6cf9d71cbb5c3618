"""The ten golden rows of artefacts of format 1. They never change: their probabilities are stored."""

from ml.applications.types import Columns, Value

_TYPICAL: dict[str, Value] = {
    "Gender": "Female", "Married": "No", "Dependents": "1", "Education": "Graduate",
    "Self_Employed": "No", "ApplicantIncome": 4000.0, "CoapplicantIncome": 1500.0,
    "LoanAmount": 130.0, "Loan_Amount_Term": 360.0, "Credit_History": 1.0, "Property_Area": "Urban",
}  # fmt: skip
_OPTIONAL = (
    "Gender", "Married", "Dependents", "Self_Employed", "LoanAmount", "Loan_Amount_Term", "Credit_History",
)  # fmt: skip
_CHANGES: tuple[dict[str, Value], ...] = (
    {},
    dict.fromkeys(_OPTIONAL),
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
    return {column: [row[column] for row in rows] for column in _TYPICAL}
