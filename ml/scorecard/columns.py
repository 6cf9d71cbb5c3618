"""Model columns: the five columns of the scorecard, computed from an application's own columns.

The web worker computes them too, so this module does not import pandas.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ml.applications.schema import BY_COLUMN, Feature
from ml.applications.types import ApplicationValues, Categorical, Columns, Floats, Value

Numbers = Floats | float
"""Numbers of n applications, shape (n,), or the number of a single application; NaN if missing.

An array of one number costs ten times as much as a float.
"""


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """One column of the scorecard.

    A reason's text is ``label: words of a bin``. Training writes the words into the model, from `choices` or
    from `unit` and `digits`, so that a change reaches later models only.

    Attributes
    ----------
    label : str
        Name of the column. Training writes it into the model; points tables before version 3 read it here.
    sources : tuple of str
        The application's columns that `values` reads.
    direction : int
        1: a higher value never lowers the probability; -1: never raises it; 0: nominal, a bin per value.
    values : callable
        Computes the model column from the application's columns; +inf is the worst ratio.
    digits : int
        Decimals of a bin edge in its label.
    choices : tuple of str
        Labels of the codes 0, 1, 2, ... of a coded column, as reasons word them.
    special : tuple of (number, words)
        Numbers with a bin of their own.
    """

    column: str
    label: str
    sources: tuple[str, ...]
    direction: int
    values: Callable[[Columns | ApplicationValues], Numbers]
    unit: str = ""
    digits: int = 0
    choices: tuple[str, ...] = ()
    special: tuple[tuple[float, str], ...] = ()


def _numbers(columns: Columns | ApplicationValues, name: str) -> Numbers:
    values = columns[name]
    return values if isinstance(values, float) else np.asarray(values, dtype=np.float64)


def _total_income(columns: Columns | ApplicationValues) -> Numbers:
    return _numbers(columns, "ApplicantIncome") + _numbers(columns, "CoapplicantIncome")


def _per_income(amount: Numbers, columns: Columns | ApplicationValues) -> Numbers:
    """Divide by total income. Without income the ratio is the worst, even if the amount is missing."""
    income = _total_income(columns)
    if isinstance(income, float):
        return math.inf if income <= 0 else amount / income
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = amount / income
    ratio[income <= 0] = np.inf
    return ratio


def _loan_to_income(columns: Columns | ApplicationValues) -> Numbers:
    return _per_income(_numbers(columns, "LoanAmount") * 1000, columns)


def _instalment_to_income(columns: Columns | ApplicationValues) -> Numbers:
    instalment = _numbers(columns, "LoanAmount") * 1000 / _numbers(columns, "Loan_Amount_Term")
    return _per_income(instalment, columns)


def _credit_history(columns: Columns | ApplicationValues) -> Numbers:
    return _numbers(columns, "Credit_History")


_AREA_LABELS = tuple(label for _, label in BY_COLUMN["Property_Area"].choices)
_AREA_CODES: Mapping[Value, float] = {
    area: float(code) for code, area in enumerate(BY_COLUMN["Property_Area"].values)
}


def _property_area(columns: Columns | ApplicationValues) -> Numbers:
    areas = columns["Property_Area"]
    if areas is None or isinstance(areas, str | float):
        return _AREA_CODES.get(areas, math.nan)
    if isinstance(areas, Categorical):
        return areas.numbers(_AREA_CODES)
    return np.array([_AREA_CODES.get(area, np.nan) for area in areas], dtype=np.float64)


_INCOMES = ("ApplicantIncome", "CoapplicantIncome")

MODEL_COLUMNS: tuple[ModelColumn, ...] = (
    ModelColumn(
        "Credit_History", "Credit history", ("Credit_History",), 1, _credit_history,
        choices=("does not meet the guidelines", "meets the guidelines"),
    ),
    ModelColumn(
        "Property_Area", "Property area", ("Property_Area",), 0, _property_area, choices=_AREA_LABELS
    ),
    ModelColumn(
        "Total_Income", "Total income", _INCOMES, 1, _total_income, unit="per month"
    ),
    ModelColumn(
        "Loan_To_Income", "Loan to income", ("LoanAmount", *_INCOMES), -1, _loan_to_income,
        unit="months of income", digits=1,
    ),
    ModelColumn(
        "Instalment_To_Income", "Instalment to income",
        ("LoanAmount", "Loan_Amount_Term", *_INCOMES), -1, _instalment_to_income,
        unit="of monthly income", digits=3,
    ),
)  # fmt: skip

BY_MODEL_COLUMN = {column.column: column for column in MODEL_COLUMNS}
SOURCE_COLUMNS: tuple[str, ...] = tuple(
    column for column in BY_COLUMN if any(column in model.sources for model in MODEL_COLUMNS)
)


@dataclass(frozen=True, slots=True, eq=False)
class TableSchema:
    """Columns of applications and of models, as a points table reads them."""

    by_column: Mapping[str, Feature]
    by_model_column: Mapping[str, ModelColumn]

    def __reduce__(self) -> str:
        """Pickle the only instance by its name."""
        return "ARTICLE_SCHEMA"


ARTICLE_SCHEMA = TableSchema(BY_COLUMN, BY_MODEL_COLUMN)
