"""Formulas for n applications at once. A number that is missing is NaN; a truth has three values."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ml.applications.types import Categorical, Column, Columns, Flags, Floats, Value
from ml.expressions.nodes import (
    LARGEST,
    SMALLEST,
    Arithmetic,
    Code,
    Comparison,
    Extreme,
    Logical,
    Missing,
    Negative,
    Not,
    Number,
    NumberColumn,
    Text,
    TextColumn,
    Tree,
    Worst,
)

FALSE, MISSING, TRUE = 0, 1, 2
"""The values of a truth; with them ``and`` is the minimum and ``or`` the maximum (Kleene's logic)."""

Truths = NDArray[np.int8]

_NO_TEXTS: dict[Value, float] = {None: MISSING, "": MISSING}
_COMPARE = {
    "==": np.equal, "!=": np.not_equal, "<": np.less,
    "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip


def numbers(tree: Tree, columns: Columns) -> Floats:
    """Return the numbers of a formula, shape (n,), NaN where they are missing.

    Parameters
    ----------
    tree : Tree
        A formula that gives a number.
    columns : Columns
        The columns that the formula reads, each of length n.
    """
    found = _Evaluation(columns).numbers(tree)
    return found if found.ndim else np.full(_rows(columns), found)


def truths(tree: Tree, columns: Columns) -> Truths:
    """Return the truths of a formula, shape (n,): `TRUE`, `FALSE` or `MISSING`."""
    found = _Evaluation(columns).truths(tree)
    return found if found.ndim else np.full(_rows(columns), found)


def holds(tree: Tree, columns: Columns) -> Flags:
    """Return where a formula that gives a truth holds, shape (n,); a missing truth does not hold."""
    return np.equal(truths(tree, columns), TRUE)


def _rows(columns: Columns) -> int:
    return len(next(iter(columns.values()), ()))


class _Evaluation:
    """Computes every part of a formula once."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._numbers: dict[Tree, Floats] = {}

    def numbers(self, tree: Tree) -> Floats:
        if tree not in self._numbers:
            self._numbers[tree] = self._new_numbers(tree)
        return self._numbers[tree]

    def _new_numbers(self, tree: Tree) -> Floats:
        match tree:
            case Number(value):
                found = np.asarray(value, dtype=np.float64)
            case NumberColumn(name):
                found = _bounded(self._columns[name])
            case Code(name, values):
                codes: dict[Value, float] = {value: float(code) for code, value in enumerate(values) if value}
                found = _mapped(self._columns[name], codes, np.nan)
            case Negative(value):
                found = np.negative(self.numbers(value))
            case Arithmetic(operator, left, right):
                found = _arithmetic(operator, self.numbers(left), self.numbers(right))
            case Extreme():
                found = self._extreme(tree)
            case Worst(value, condition, highest):
                worst = np.inf if highest else -np.inf
                found = np.where(self.truths(condition) == TRUE, worst, self.numbers(value))
            case _:
                raise TypeError(f"{tree} gives a {tree.kind}; expected a number.")
        return found

    def _extreme(self, tree: Extreme) -> Floats:
        best, *others = map(self.numbers, tree.values)
        for value in others:
            first = best <= value if tree.function == "min" else best >= value
            gap = np.isnan(best) | np.isnan(value)
            best = np.where(gap, np.nan, np.where(first, best, value))
        return best

    def truths(self, tree: Tree) -> Truths:
        match tree:
            case Comparison(operator, left, right):
                return self._texts(tree) if left.kind == "text" else self._compared(operator, left, right)
            case Missing(value, negated):
                gap = self._gaps(value)
                return _truths(~gap if negated else gap)
            case Not(value):
                return np.asarray(TRUE - self.truths(value), dtype=np.int8)
            case Logical(operator, left, right):
                join = np.minimum if operator == "and" else np.maximum
                return join(self.truths(left), self.truths(right))
        raise TypeError(f"{tree} gives a {tree.kind}; expected a truth.")

    def _compared(self, operator: str, left: Tree, right: Tree) -> Truths:
        a, b = self.numbers(left), self.numbers(right)
        return _truths(_COMPARE[operator](a, b), np.isnan(a) | np.isnan(b))

    def _gaps(self, tree: Tree) -> Flags:
        if isinstance(tree, TextColumn):
            return np.equal(_mapped(self._columns[tree.name], _NO_TEXTS, TRUE), MISSING)
        if isinstance(tree, Text):
            return np.asarray(not tree.value)
        return np.isnan(self.numbers(tree))

    def _texts(self, tree: Comparison) -> Truths:
        """Return whether two texts are equal, or differ; one of them is a column."""
        equal, different = (TRUE, FALSE) if tree.operator == "==" else (FALSE, TRUE)
        match tree.left, tree.right:
            case (TextColumn(name), Text(text)) | (Text(text), TextColumn(name)):
                found = _mapped(self._columns[name], {text: equal, **_NO_TEXTS}, different)
            case TextColumn(name), TextColumn(other):
                pairs = zip(self._columns[name], self._columns[other], strict=True)
                found = np.array(
                    [(equal if a == b else different) if a and b else MISSING for a, b in pairs], np.float64
                )
            case _:
                raise TypeError(f"{tree} compares no column.")
        return found.astype(np.int8)


def _bounded(column: Column) -> Floats:
    values = np.asarray(column, dtype=np.float64)
    size = np.abs(values)
    values = np.where(size < SMALLEST, 0.0, values)
    values[size > LARGEST] = np.nan
    return values


def _mapped(column: Column, of: Mapping[Value, float], other: float) -> Floats:
    """Map each text to its number, and every text without one to `other`."""
    if isinstance(column, Categorical):
        found = column.numbers(of)
        return found if np.isnan(other) else np.where(np.isnan(found), other, found)
    return np.array([of.get(value, other) for value in column], dtype=np.float64)


def _arithmetic(operator: str, left: Floats, right: Floats) -> Floats:
    match operator:
        case "+":
            return np.asarray(left + right)
        case "-":
            return np.asarray(left - right)
        case "*":
            return np.asarray(left * right)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(right == 0, np.nan, left / right)


def _truths(flags: Flags, gaps: Flags | bool = False) -> Truths:
    return np.where(gaps, MISSING, np.where(flags, TRUE, FALSE)).astype(np.int8)
