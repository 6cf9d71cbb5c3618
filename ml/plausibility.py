"""Warnings about values that are allowed but look like a slip: a wrong unit, no income, a crushing loan."""

import operator
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np

from ml.model_columns import Columns
from ml.schema import FEATURES, Kind

FEW = 20


class InputWarning(TypedDict):
    """One remark about one column; never a refusal."""

    code: str
    attr: str
    detail: str


_USUAL = [
    (operator.attrgetter(f.name), f.column, *f.usual, f.unusual)
    for f in FEATURES
    if f.kind is Kind.NUMBER and f.unusual
]


def warnings_of(record: Any) -> list[InputWarning]:
    """Return the warnings of one application.

    Parameters
    ----------
    record : ml.records.Record
        Checked values, ``None`` for a gap.
    """
    found = [
        _unusual(column, value, expectation)
        for value_of, column, low, high, expectation in _USUAL
        if (value := value_of(record)) is not None and not low <= value <= high
    ]
    if not record.applicant_income:
        found.append(_NO_INCOME)
    income = record.applicant_income + record.coapplicant_income
    amount, term = record.loan_amount, record.loan_amount_term
    if income and amount is not None and term is not None and amount * 1000 / term > income:
        found.append(_strained(amount * 1000 / term, income))
    return found


def suspects(columns: Columns) -> Sequence[int]:
    """Return the rows that `warnings_of` may have something to say of: of many, no others.

    Parameters
    ----------
    columns : mapping of str to sequence, each of length n
        Checked values, ``None`` for a gap.
    """
    if len(columns["ApplicantIncome"]) < FEW:  # arrays cost more than they gain
        return range(len(columns["ApplicantIncome"]))
    values = {column: np.array(columns[column], dtype=np.float64) for _, column, *_ in _USUAL}
    found = values["ApplicantIncome"] == 0
    for _, column, low, high, _ in _USUAL:
        found |= (values[column] < low) | (values[column] > high)
    income = values["ApplicantIncome"] + values["CoapplicantIncome"]
    instalment = values["LoanAmount"] * 1000 / values["Loan_Amount_Term"]
    found |= (income != 0) & (instalment > income)
    rows: list[int] = np.flatnonzero(found).tolist()
    return rows


def _unusual(column: str, value: float, expectation: str) -> InputWarning:
    detail = f"{value:,.10g} is unusual: {expectation}."
    return {"code": "unusual_value", "attr": column, "detail": detail.replace("?.", "?")}


_NO_INCOME: InputWarning = {
    "code": "no_applicant_income",
    "attr": "ApplicantIncome",
    "detail": "The applicant has no income.",
}


def _strained(instalment: float, income: float) -> InputWarning:
    detail = f"The instalment, {instalment:,.0f} per month, is above all income, {income:,.0f}."
    return {"code": "instalment_above_income", "attr": "LoanAmount", "detail": detail}
