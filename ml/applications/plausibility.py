"""Remarks about values that are allowed but look like a slip, or that the model was never trained on.

A remark refuses nothing. Under a policy that says so, it refers the application to a person
(`ml.scorecard.outcomes`).
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np

from ml.applications.schema import BY_COLUMN, FEATURES, Feature
from ml.applications.types import ApplicationValues, Column, Columns, Value

# By column: the lowest and the highest number, or every choice that was met, in the schema's order. A column
# without any value has an empty list.
TrainingValues = Mapping[str, Sequence[Any]]


def training_values(blocks: Iterable[Columns]) -> dict[str, list[Any]]:
    """Return the values of a training table that comes in blocks of columns.

    Parameters
    ----------
    blocks : iterable of mapping of str to sequence
        Checked values by column; ``None``, or NaN in an array, for a gap.
    """
    met: dict[str, set[Any]] = {feature.column: set() for feature in FEATURES}
    for columns in blocks:
        for feature in FEATURES:
            met[feature.column] |= _ends(feature, columns[feature.column])
    return {feature.column: _kept(feature, met[feature.column]) for feature in FEATURES}


def _ends(feature: Feature, values: Column) -> set[Any]:
    """Return the choices of a column, or its lowest and highest number."""
    if feature.choices:
        return set(values).intersection(feature.values)
    numbers = np.array(values, dtype=np.float64)
    numbers = numbers[~np.isnan(numbers)]
    return {float(numbers.min()), float(numbers.max())} if len(numbers) else set()


def _kept(feature: Feature, met: set[Any]) -> list[Any]:
    if feature.choices:
        return [value for value in feature.values if value in met]
    return [min(met), max(met)] if met else []


def unseen_choices(feature: Feature, values: TrainingValues | None) -> frozenset[Any]:
    """Return the choices that no training row had; none where nothing is known of them."""
    known = (values or {}).get(feature.column)
    return frozenset() if known is None else frozenset(feature.values).difference(known)


def training_range(feature: Feature, values: TrainingValues | None) -> tuple[float, float]:
    """Return the lowest and the highest training value, endless where nothing is known of them."""
    known = (values or {}).get(feature.column)
    if known is None:
        return -math.inf, math.inf
    return (known[0], known[1]) if known else (math.inf, -math.inf)


MIN_ROWS_FOR_ARRAYS = 20
NO_APPLICANT_INCOME = "no_applicant_income"


class Remark(TypedDict):
    """What is remarkable about the value of one column; a notice about model or site has no column."""

    code: str
    attr: str | None
    detail: str


Remarks = Sequence[Remark]


def referring_remarks(remarks: Remarks, coapplicant_income: Value) -> list[Remark]:
    """Return those remarks about an application that may refer it: no income, only where nobody earns."""
    return [
        remark
        for remark in remarks
        if remark["attr"] is not None and not (remark["code"] == NO_APPLICANT_INCOME and coapplicant_income)
    ]


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers of one column that call for no remark, 0 among them: no income has a remark of its own."""

    feature: Feature
    usual: tuple[float, float]
    trained: tuple[float, float]

    def suspicious(self, values: Any) -> Any:
        (low, high), (lowest, highest) = self.usual, self.trained
        return ((values < max(low, lowest)) & (values != 0)) | (values > min(high, highest))

    def remarks(self, value: float | None) -> Iterator[Remark]:
        if value and not self.usual[0] <= value <= self.usual[1]:
            yield _unusual(self.feature, value)
        if value and not self.trained[0] <= value <= self.trained[1]:
            yield _outside(self.feature, value, self.trained)


class RemarkFinder:
    """Finds what is remarkable about applications.

    Parameters
    ----------
    trained_on : mapping, optional
        What the model was trained on (`ml.applications.plausibility`); ``None``: unknown, and nothing
        is said of it.
    read : sequence of str
        The data set's columns that the model may see; what it was trained on matters in these only.
    """

    def __init__(self, trained_on: TrainingValues | None = None, read: Sequence[str] = ()) -> None:
        known = {column: values for column, values in (trained_on or {}).items() if column in read}
        self._numbers = [
            _Numbers(feature, feature.usual, training_range(feature, known))
            for feature in FEATURES
            if math.isfinite(feature.usual[1])
        ]
        self._unseen = {
            feature.column: gone
            for feature in FEATURES
            if feature.choices and (gone := unseen_choices(feature, known))
        }

    def __call__(self, columns: Columns) -> dict[int, list[Remark]]:
        """Return the remarks about n applications by row; rows without one are not there.

        Parameters
        ----------
        columns : mapping of str to sequence, each of length n
            Checked values; ``None``, or NaN in an array, for a gap.
        """
        read = [*(numbers.feature.column for numbers in self._numbers), *self._unseen]
        rows = self._suspects(columns)
        found = {row: self._of({name: _plain(columns[name][row]) for name in read}) for row in rows}
        return {row: remarks for row, remarks in found.items() if remarks}

    def _suspects(self, columns: Columns) -> Sequence[int]:
        """Return the rows that there may be something to say of: of many, no others."""
        count = len(columns["ApplicantIncome"])
        if count < MIN_ROWS_FOR_ARRAYS:  # arrays cost more than they gain
            return range(count)
        values = {n.feature.column: np.asarray(columns[n.feature.column], np.float64) for n in self._numbers}
        found = values["ApplicantIncome"] == 0
        for numbers in self._numbers:
            found |= numbers.suspicious(values[numbers.feature.column])
        income = values["ApplicantIncome"] + values["CoapplicantIncome"]
        instalment = values["LoanAmount"] * 1000 / values["Loan_Amount_Term"]
        found |= (income != 0) & (instalment > income)
        for column, gone in self._unseen.items():
            found |= np.array([value in gone for value in columns[column]])
        rows: list[int] = np.flatnonzero(found).tolist()
        return rows

    def _of(self, values: ApplicationValues) -> list[Remark]:
        found = [
            r for numbers in self._numbers for r in numbers.remarks(_number(values, numbers.feature.column))
        ]
        unseen_values = [column for column, gone in self._unseen.items() if values[column] in gone]
        return [*found, *_together(values), *(_unseen(column, values[column]) for column in unseen_values)]


def _plain(value: Any) -> Any:
    """Return NaN as the gap that it stands for, and an array's number as Python's own."""
    if not isinstance(value, float):
        return value
    return None if math.isnan(value) else float(value)


def _together(values: ApplicationValues) -> Iterator[Remark]:
    """Look at the values that mean something only beside each other."""
    own, joint = (_number(values, column) or 0.0 for column in ("ApplicantIncome", "CoapplicantIncome"))
    if not own:
        yield _no_income(joint)
    amount, term = _number(values, "LoanAmount"), _number(values, "Loan_Amount_Term")
    if own + joint and amount is not None and term is not None and amount * 1000 / term > own + joint:
        yield _strained(amount * 1000 / term, own + joint)


def _number(values: ApplicationValues, column: str) -> float | None:
    value = values[column]
    return None if isinstance(value, str) else value


def _remark(code: str, attr: str, detail: str) -> Remark:
    return {"code": code, "attr": attr, "detail": detail}


def _unusual(feature: Feature, value: float) -> Remark:
    low, high = feature.usual
    hint = feature.too_low if value < low else feature.too_high
    expected = f"{low:,.10g} to {high:,.10g} {feature.unit} is expected; {hint}"
    end = "" if hint.endswith("?") else "."
    return _remark("unusual_value", feature.column, f"{value:,.10g} is unusual: {expected}{end}")


def _outside(feature: Feature, value: float, trained: tuple[float, float]) -> Remark:
    low, high = trained
    known = f"{low:,.10g} to {high:,.10g} {feature.unit}" if low <= high else "no value at all"
    detail = f"{value:,.10g} lies outside the model's training table, which has {known}."
    return _remark("outside_training_range", feature.column, detail)


def _no_income(joint: float) -> Remark:
    nobody = "Neither the applicant nor a co-applicant has an income."
    detail = "The applicant has no income; only the co-applicant earns." if joint else nobody
    return _remark(NO_APPLICANT_INCOME, "ApplicantIncome", detail)


def _strained(instalment: float, income: float) -> Remark:
    detail = f"The instalment, {instalment:,.0f} per month, is above all income, {income:,.0f}."
    return _remark("instalment_above_income", "LoanAmount", detail)


def _unseen(column: str, value: Any) -> Remark:
    words = BY_COLUMN[column].value_text(value)
    return _remark("unseen_value", column, f"The model's training table has no row with “{words}”.")
