"""Formulas for n applications at once. A number that is missing is NaN; a truth has three values."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ml.applications.types import Categorical, Column, Columns, Flags, Floats, Value
from ml.expressions.nodes import (
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
from ml.expressions.sizes import LARGEST, SMALLEST

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

    They may be an array of `columns` itself.

    Parameters
    ----------
    tree : Tree
        A formula that gives a number.
    columns : Columns
        The columns that the formula reads, each of length n.
    """
    return Evaluation(columns).numbers(tree)


def truths(tree: Tree, columns: Columns) -> Truths:
    """Return the truths of a formula, shape (n,): `TRUE`, `FALSE` or `MISSING`."""
    return Evaluation(columns).truths(tree)


def holds(tree: Tree, columns: Columns) -> Flags:
    """Return where a formula that gives a truth holds, shape (n,); a missing truth does not hold."""
    return Evaluation(columns).holds(tree)


class Evaluation:
    """Computes formulas on the same columns. Columns and parts that several formulas share are computed once.

    Parameters
    ----------
    columns : Columns
        The columns that the formulas read, each of length n.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._read: dict[str, Floats] = {}
        # By the identity of the part, which is kept: hashing a tree takes as long as computing it.
        self._computed: dict[int, tuple[Tree, Floats]] = {}

    def numbers(self, tree: Tree) -> Floats:
        """Return the numbers of a formula, shape (n,), NaN where they are missing."""
        found = self._numbers(tree)
        return found if found.ndim else np.full(self._rows, found)

    def truths(self, tree: Tree) -> Truths:
        """Return the truths of a formula, shape (n,): `TRUE`, `FALSE` or `MISSING`."""
        found = self._truths(tree)
        return found if found.ndim else np.full(self._rows, found)

    def holds(self, tree: Tree) -> Flags:
        """Return where a formula that gives a truth holds, shape (n,); a missing truth does not hold."""
        found = self._holds(tree)
        return found if found.ndim else np.full(self._rows, found)

    @property
    def _rows(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def _numbers(self, tree: Tree) -> Floats:
        known = self._computed.get(id(tree))
        if known is None:
            known = self._computed[id(tree)] = (tree, self._compute(tree))
        return known[1]

    def _compute(self, tree: Tree) -> Floats:
        match tree:
            case Number(value):
                found = np.asarray(value, dtype=np.float64)
            case NumberColumn(name):
                found = self._column(name)
            case Code(name, values):
                codes: dict[Value, float] = {value: float(code) for code, value in enumerate(values) if value}
                found = _mapped(self._columns[name], codes, np.nan)
            case Negative(value):
                found = np.negative(self._numbers(value))
            case Arithmetic(operator, left, right):
                found = _arithmetic(operator, self._numbers(left), self._numbers(right))
            case Extreme():
                found = self._extreme(tree)
            case Worst(value, condition, highest):
                worst = np.inf if highest else -np.inf
                found = np.where(self._holds(condition), worst, self._numbers(value))
            case _:
                raise TypeError(f"{tree} gives a {tree.kind}; expected a number.")
        return found

    def _column(self, name: str) -> Floats:
        if name not in self._read:
            self._read[name] = _bounded(self._columns[name])
        return self._read[name]

    def _extreme(self, tree: Extreme) -> Floats:
        best, *others = map(self._numbers, tree.values)
        for value in others:
            first = best <= value if tree.function == "min" else best >= value
            best = np.where(np.isnan(best) | first, best, value)
        return best

    def _holds(self, tree: Tree) -> Flags:
        match tree:
            case Comparison("==" | "<" | "<=" | ">" | ">=" as operator, left, right) if left.kind == "number":
                return np.asarray(_COMPARE[operator](self._numbers(left), self._numbers(right)))
            case Logical(operator, left, right):
                join = np.logical_and if operator == "and" else np.logical_or
                return np.asarray(join(self._holds(left), self._holds(right)))
        return np.equal(self._truths(tree), TRUE)

    def _truths(self, tree: Tree) -> Truths:
        match tree:
            case Comparison(operator, left, right):
                return self._texts(tree) if left.kind == "text" else self._compared(operator, left, right)
            case Missing(value, negated):
                gap = self._gaps(value)
                return _three_valued(~gap if negated else gap)
            case Not(value):
                return np.asarray(TRUE - self._truths(value), dtype=np.int8)
            case Logical(operator, left, right):
                join = np.minimum if operator == "and" else np.maximum
                return np.asarray(join(self._truths(left), self._truths(right)))
        raise TypeError(f"{tree} gives a {tree.kind}; expected a truth.")

    def _compared(self, operator: str, left: Tree, right: Tree) -> Truths:
        a, b = self._numbers(left), self._numbers(right)
        return _three_valued(_COMPARE[operator](a, b), np.isnan(a) | np.isnan(b))

    def _gaps(self, tree: Tree) -> Flags:
        if isinstance(tree, TextColumn):
            return np.equal(_mapped(self._columns[tree.name], _NO_TEXTS, TRUE), MISSING)
        if isinstance(tree, Text):
            return np.asarray(not tree.value)
        return np.asarray(np.isnan(self._numbers(tree)))

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
    if not ((size > LARGEST) | ((size < SMALLEST) & (size > 0))).any():
        return values + 0.0  # -0.0 becomes 0.0
    return np.where(size < SMALLEST, 0.0, np.where(size <= LARGEST, values, np.nan))


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
        quotient = np.asarray(left / right)
    zero = np.asarray(right == 0)
    return np.where(zero, np.nan, quotient) if zero.any() else quotient


def _three_valued(flags: Flags, gaps: Flags | None = None) -> Truths:
    truth = np.where(flags, np.int8(TRUE), np.int8(FALSE))
    if gaps is not None and gaps.any():
        truth[gaps] = MISSING
    return truth
