"""Remarks about values that are allowed but look like a mistake, or that the model was never trained on.

A remark refuses nothing. If the policy says so, it refers the application to a person
(`ml.scorecard.outcomes`).
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from ml.applications.types import (
    ApplicationValues,
    Categorical,
    Column,
    Columns,
    Flags,
    Floats,
    Ints,
    Value,
    take_rows,
    to_python,
)
from ml.expressions.arrays import Evaluation
from ml.schemas.features import Feature, Kind
from ml.schemas.schema import Schema

MIN_ROWS_FOR_ARRAYS = 20

TrainingValues = Mapping[str, Sequence[str | float]]
"""By column, the lowest and the highest number, or every choice seen, in the order of the schema.

The sequence is empty for a column without a value.
"""


class Remark(TypedDict):
    """A remark about the value in one column. Notices about a model or the site have no column (`attr`)."""

    code: str
    attr: str | None
    detail: str


Remarks = Sequence[Remark]


class RemarkFinder:
    """Finds remarks about applications of a schema.

    Parameters
    ----------
    schema : Schema
    trained_on : mapping, optional
        Training values of the model (see `training_values`). ``None``: unknown, no remark compares with them.
    read : sequence of str
        Columns that the model reads. Only their values are compared with the training values.

    Attributes
    ----------
    numbers : list of NumberRanges
        The columns of numbers with usual or training values.
    unseen : dict of Feature to frozenset
        The choices that no training row had, by column.

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> columns = {column: [None] for column in built_in().columns}
    >>> columns |= {"ApplicantIncome": [4000.0], "CoapplicantIncome": [0.0], "LoanAmount": [128_000.0]}
    >>> for remark in RemarkFinder(built_in())(columns)[0]:
    ...     print(remark["attr"], remark["code"], remark["detail"])
    LoanAmount unusual_value 128,000 is unusual: 5 to 1,000 thousands is expected; write 128 for 128,000.
    """

    def __init__(
        self, schema: Schema, trained_on: TrainingValues | None = None, read: Sequence[str] = ()
    ) -> None:
        known = {column: values for column, values in (trained_on or {}).items() if column in read}
        self._schema = schema
        self.numbers = [
            _number_ranges(feature, _training_range(feature, known))
            for feature in schema.features
            if math.isfinite(feature.usual[1]) or (_is_plain_number(feature) and feature.column in known)
        ]
        self.unseen = {
            feature: unseen
            for feature in schema.features
            if feature.choices and (unseen := _unseen_choices(feature, known))
        }
        self._read = tuple(
            {number.feature.column: None for number in self.numbers}
            | {feature.column: None for feature in self.unseen}
            | {column: None for rule in schema.remarks for column in rule.reads}
        )

    def __call__(self, columns: Columns) -> dict[int, list[Remark]]:
        """Return the remarks about n applications by row number; rows without remarks are left out.

        Parameters
        ----------
        columns : mapping of str to sequence, each of length n
            Checked values; a missing value is ``None``, or NaN in an array.
        """
        rows: list[int] = self._candidates(columns).tolist()
        remarks = {
            row: self._remarks({name: to_python(columns[name][row]) for name in self._read}) for row in rows
        }
        return {row: of_row for row, of_row in remarks.items() if of_row}

    def alike(self, columns: Columns) -> tuple[list[int], list[bytes]]:
        """Return the rows with remarks, by their numbers, and a key of each.

        Rows with equal keys have equal remarks, apart from the values in their texts.
        """
        rows = self._candidates(columns) if self._read else np.empty(0, dtype=np.int64)
        if not len(rows):
            return [], []
        values = {name: take_rows(columns[name], rows) for name in self._read}
        flags = np.array([*self._flags(self._as_arrays(values))])
        remarked = flags.any(axis=0)
        keys = np.ascontiguousarray(np.packbits(flags, axis=0).T[remarked])
        # NumPy leaves out the zeros behind a key. Keys of one width stay different without them.
        return rows[remarked].tolist(), keys.view(f"S{keys.shape[1]}").ravel().tolist()

    def _candidates(self, columns: Columns) -> Ints:
        """Return the rows to check: every row of a small table, else only the suspicious ones."""
        count = len(next(iter(columns.values())))
        if count < MIN_ROWS_FOR_ARRAYS:  # arrays cost more than they gain
            return np.arange(count)
        values = self._as_arrays(columns)
        suspicious = np.zeros(count, dtype=bool)
        for numbers in self.numbers:
            suspicious |= numbers.suspicious(np.asarray(values[numbers.feature.column]))
        evaluation = Evaluation(values)
        for rule in self._schema.remarks:
            suspicious |= evaluation.holds(rule.when)
        for feature, unseen in self.unseen.items():
            suspicious |= _is_one_of(values[feature.column], unseen)
        return np.flatnonzero(suspicious)

    def _flags(self, values: Columns) -> Iterator[Flags]:
        """Yield for each possible remark the rows that have it, shape (n,)."""
        for numbers in self.numbers:
            yield from numbers.flags(np.asarray(values[numbers.feature.column]))
        evaluation = Evaluation(values)
        for rule in self._schema.remarks:
            yield evaluation.holds(rule.when)
        for feature, unseen in self.unseen.items():
            yield _is_one_of(values[feature.column], unseen)

    def _as_arrays(self, columns: Columns) -> dict[str, Column]:
        """Return the columns that remarks are about, numbers as arrays."""
        return {
            name: np.asarray(columns[name], np.float64) if name in self._schema.numbers else columns[name]
            for name in self._read
        }

    def _remarks(self, values: ApplicationValues) -> list[Remark]:
        numbers = [r for n in self.numbers for r in n.remarks(values[n.feature.column])]
        declared = [
            _remark(rule.code, rule.column, rule.text(values)) for rule in self._schema.remarks_about(values)
        ]
        unseen = [
            _unseen(feature, value)
            for feature, choices in self.unseen.items()
            if (value := values[feature.column]) is not None and value in choices
        ]
        return [*numbers, *declared, *unseen]


def referring_remarks(schema: Schema, remarks: Remarks, values: ApplicationValues) -> list[Remark]:
    """Return the remarks that may refer an application with these values.

    Notices without a column refer nothing, nor does a remark whose rule says so.
    """
    if not remarks:
        return []
    harmless = {rule.code for rule in schema.remarks if not rule.refers}
    if not harmless.isdisjoint(remark["code"] for remark in remarks):  # the rules are seldom asked again
        harmless = {rule.code for rule in schema.remarks_about(values) if not rule.refers}
    return [remark for remark in remarks if remark["attr"] is not None and remark["code"] not in harmless]


def training_values(schema: Schema, blocks: Iterable[Columns]) -> dict[str, list[str | float]]:
    """Return the values of a training table that is read in blocks of columns.

    Parameters
    ----------
    blocks : iterable of mapping of str to sequence
        Checked values by column; a missing value is ``None``, or NaN in an array.

    Returns
    -------
    dict of str to list
        By column, the lowest and the highest number, or every choice seen, in the order of the schema.
    """
    seen: dict[str, set[str | float]] = {feature.column: set() for feature in schema.features}
    for columns in blocks:
        for feature in schema.features:
            seen[feature.column] |= _choices_or_ends(feature, columns[feature.column])
    return {feature.column: _in_order(feature, seen[feature.column]) for feature in schema.features}


def _choices_or_ends(feature: Feature, values: Column) -> set[str | float]:
    if feature.choices:
        return set(feature.values).intersection(values)
    numbers = np.array(values, dtype=np.float64)
    numbers = numbers[~np.isnan(numbers) & ~np.isin(numbers, [code for code, _ in feature.special])]
    return {float(numbers.min()), float(numbers.max())} if len(numbers) else set()


def _in_order(feature: Feature, seen: set[str | float]) -> list[str | float]:
    if feature.choices:
        return [value for value in feature.values if value in seen]
    numbers = [value for value in seen if isinstance(value, float)]
    return [min(numbers), max(numbers)] if numbers else []


def _unseen_choices(feature: Feature, values: TrainingValues) -> frozenset[str | float]:
    """Return the choices that no training row had; none if the training values are unknown."""
    seen = values.get(feature.column)
    return frozenset() if seen is None else frozenset(feature.values).difference(seen)


def _training_range(feature: Feature, values: TrainingValues) -> tuple[float, float]:
    """Return the lowest and the highest training value; an infinite range if they are unknown."""
    ends = values.get(feature.column)
    if ends is None:
        return -math.inf, math.inf
    return (float(ends[0]), float(ends[1])) if ends else (math.inf, -math.inf)


@dataclass(frozen=True, slots=True)
class NumberRanges:
    """A column of numbers with its usual range and its training range.

    0 gets no remark here, since applicants without income have a remark of their own.
    """

    feature: Feature
    usual: tuple[float, float]
    trained: tuple[float, float]
    low: float  # the range that is within both
    high: float
    codes: frozenset[float]

    def suspicious(self, values: Floats) -> Flags:
        flags: Flags = ((values < self.low) & (values != 0)) | (values > self.high)
        return flags

    def flags(self, values: Floats) -> tuple[Flags, Flags]:
        """Return the rows whose value is unusual, and those outside the training range (see `remarks`)."""
        numbers = ~np.isnan(values) & (values != 0) & ~np.isin(values, [*self.codes])
        numbers &= ~_within(values, (self.low, self.high))
        return numbers & ~_within(values, self.usual), numbers & ~_within(values, self.trained)

    def remarks(self, value: Value) -> list[Remark]:
        if not value or isinstance(value, str) or self.low <= value <= self.high:
            return []
        return [] if value in self.codes else [*self._remarks(value)]

    def _remarks(self, value: float) -> Iterator[Remark]:
        if not self.usual[0] <= value <= self.usual[1]:
            yield _unusual(self.feature, value)
        if not self.trained[0] <= value <= self.trained[1]:
            yield _outside(self.feature, value, self.trained)


def _within(values: Floats, ends: tuple[float, float]) -> Flags:
    within: Flags = (ends[0] <= values) & (values <= ends[1])
    return within


def _is_one_of(column: Column, choices: frozenset[str | float]) -> Flags:
    if isinstance(column, Categorical):
        return ~np.isnan(column.numbers(dict.fromkeys(choices, 0.0)))
    return np.array([value in choices for value in column])


def _number_ranges(feature: Feature, trained: tuple[float, float]) -> NumberRanges:
    low, high = max(feature.usual[0], trained[0]), min(feature.usual[1], trained[1])
    codes = frozenset(code for code, _ in feature.special)
    return NumberRanges(feature, feature.usual, trained, low, high, codes)


def _is_plain_number(feature: Feature) -> bool:
    return feature.kind is Kind.NUMBER and not feature.choices


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


def _unseen(feature: Feature, value: str | float) -> Remark:
    shown = feature.value_text(value)
    return _remark("unseen_value", feature.column, f"The model's training table has no row with “{shown}”.")
