"""Warnings about values that are allowed but look like a slip: a wrong unit, no income, a crushing loan."""

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from ml.schema import FEATURES, Kind


class InputWarning(TypedDict):
    """One remark about one column; never a refusal."""

    code: str
    attr: str
    detail: str


_USUAL = [
    (f.column, f.usual[0], f.usual[1], f.unusual) for f in FEATURES if f.kind is Kind.NUMBER and f.unusual
]


def warnings_of(inputs: Mapping[str, Any]) -> list[InputWarning]:
    """Return the warnings of one application.

    Parameters
    ----------
    inputs : mapping
        Checked values by column, ``None`` for a gap.
    """
    return [*_unusual(inputs), *_strained(inputs)]


def _unusual(inputs: Mapping[str, Any]) -> Iterator[InputWarning]:
    for column, low, high, expectation in _USUAL:
        value = inputs[column]
        if value is not None and not low <= value <= high:
            detail = f"{value:,.10g} is unusual: {expectation}."
            yield {"code": "unusual_value", "attr": column, "detail": detail.replace("?.", "?")}


def _strained(inputs: Mapping[str, Any]) -> Iterator[InputWarning]:
    income = inputs["ApplicantIncome"] + inputs["CoapplicantIncome"]
    if not inputs["ApplicantIncome"]:
        detail = "The applicant has no income."
        yield {"code": "no_applicant_income", "attr": "ApplicantIncome", "detail": detail}
    amount, term = inputs["LoanAmount"], inputs["Loan_Amount_Term"]
    if income and amount is not None and term is not None and amount * 1000 / term > income:
        detail = f"The instalment, {amount * 1000 / term:,.0f} per month, is above all income, {income:,.0f}."
        yield {"code": "instalment_above_income", "attr": "LoanAmount", "detail": detail}
