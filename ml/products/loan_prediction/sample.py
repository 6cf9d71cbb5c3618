"""Make a synthetic training table, so that the product runs before anyone has data.

No row describes a person: every value is drawn from the distributions below. The distributions follow
published facts of the public table (shares, missing values, medians, approval by Credit_History), not its
rows. The Loan_ID of each row starts with ``SAMPLE-``.
"""

import bisect
import csv
import itertools
from pathlib import Path
from typing import Any

import numpy as np

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tables.training_csv import SAMPLE_PREFIX

TARGET = "Loan_Status"
SAMPLE_ROWS = 614
SAMPLE_SEED = 20170939  # gives a table close to the expected shares

_MISSING_SHARES = {
    "Gender": 0.021, "Married": 0.005, "Dependents": 0.024, "Self_Employed": 0.052,
    "LoanAmount": 0.036, "Loan_Amount_Term": 0.023, "Credit_History": 0.081,
}  # fmt: skip
_TERMS = {360: 0.86, 180: 0.07, 480: 0.02, 300: 0.02, 240: 0.01, 120: 0.01, 84: 0.005, 60: 0.005}
# Share approved by Credit_History. Area, income and loan size shift single rows; the shifts cancel out.
_APPROVED_SHARES = {1.0: 0.796, 0.0: 0.079, None: 0.740}
_AREA_EFFECTS = {"Semiurban": 0.08, "Urban": -0.02, "Rural": -0.08}


def make_sample(rows: int = SAMPLE_ROWS, seed: int = SAMPLE_SEED) -> list[dict[str, Any]]:
    """Return `rows` synthetic applications with their outcome; ``None`` is a missing value."""
    rng = np.random.default_rng(seed)
    applications = [_application(rng, number) for number in range(1, rows + 1)]
    appeal = np.array([_appeal(application) for application in applications])
    for application, relative in zip(applications, appeal / appeal.mean(), strict=True):
        application |= {column: None for column, share in _MISSING_SHARES.items() if rng.random() < share}
        approved = rng.random() < _APPROVED_SHARES[application["Credit_History"]] * relative
        application[TARGET] = "Y" if approved else "N"
    return applications


def write_sample(path: Path, rows: int = SAMPLE_ROWS, seed: int = SAMPLE_SEED) -> None:
    """Write the sample as a training table in CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*built_in().fields, TARGET])
        writer.writeheader()
        writer.writerows({k: _cell(v) for k, v in row.items()} for row in make_sample(rows, seed))


def _cell(value: object) -> object:
    return f"{value:g}" if isinstance(value, float) else value


def _choice(rng: np.random.Generator, shares: dict[Any, float]) -> Any:
    """Draw a value with probabilities in the ratio of `shares`, ten times as fast as `rng.choice`."""
    bounds = [*itertools.accumulate(shares.values())]
    return [*shares][bisect.bisect_right([bound / bounds[-1] for bound in bounds], rng.random())]


def _log_normal(rng: np.random.Generator, median: float, spread: float, low: float, high: float) -> float:
    return float(min(max(round(median * np.exp(rng.normal(0, spread))), low), high))


def _application(rng: np.random.Generator, number: int) -> dict[str, Any]:
    income = _log_normal(rng, 3800, 0.6, 150, 81_000)
    joint = _log_normal(rng, 2250, 0.5, 16, 41_667) if rng.random() < 0.555 else 0.0
    return {
        LOAN_ID: f"{SAMPLE_PREFIX}{number:05d}",
        "Gender": _choice(rng, {"Male": 0.81, "Female": 0.19}),
        "Married": _choice(rng, {"Yes": 0.65, "No": 0.35}),
        "Dependents": _choice(rng, {"0": 0.58, "1": 0.17, "2": 0.17, "3+": 0.08}),
        "Education": _choice(rng, {"Graduate": 0.78, "Not Graduate": 0.22}),
        "Self_Employed": _choice(rng, {"No": 0.86, "Yes": 0.14}),
        "ApplicantIncome": income,
        "CoapplicantIncome": joint,
        "LoanAmount": _log_normal(rng, 39 * ((income + joint) / 1000) ** 0.72, 0.33, 9, 700),
        "Loan_Amount_Term": float(_choice(rng, _TERMS)),
        "Credit_History": float(rng.random() < 0.842),
        "Property_Area": _choice(rng, {"Semiurban": 0.38, "Urban": 0.33, "Rural": 0.29}),
    }


def _appeal(application: dict[str, Any]) -> float:
    """Return how likely an application is approved, relative to others with the same Credit_History."""
    income: float = application["ApplicantIncome"] + application["CoapplicantIncome"]
    large: bool = application["LoanAmount"] * 1000 / income > 36
    return 1 + _AREA_EFFECTS[application["Property_Area"]] - 0.22 * large - 0.1 * (income < 3000)
