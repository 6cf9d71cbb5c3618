"""Formulas in SQL; NULL is missing. sqlglot only writes them.

Every operand stands in parentheses, because sqlglot drops some that SQL needs.
"""

from collections.abc import Callable

from sqlglot import exp

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
    columns_of,
)
from ml.expressions.sizes import LARGEST, SMALLEST
from ml.sql import Dialect
from ml.sql.words import cast_to_double, divide, double_literal, edge_literal, is_null

# SQL has no infinity. No formula gives a number of this size, and no bin edge lies beyond it.
INFINITY = 1e300

_ARITHMETIC: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
_COMPARISONS: dict[str, type[exp.Binary]] = {
    "==": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
}  # fmt: skip
_LOGICAL: dict[str, type[exp.Connector]] = {"and": exp.And, "or": exp.Or}
_EXTREMES: dict[str, type[exp.Func]] = {"min": exp.Least, "max": exp.Greatest}
_CLOSED = (exp.Column, exp.Literal, exp.Paren, exp.Case, exp.Cast, exp.Nullif, exp.Least, exp.Greatest)


def expression_sql(tree: Tree, dialect: Dialect, read: Callable[[str], exp.Expr]) -> exp.Expr:
    """Return a formula as an SQL expression: a double or a condition.

    Parameters
    ----------
    tree : Tree
        The formula.
    dialect : Dialect
        The database that reads the expression.
    read : callable
        Returns a column of the application: what `number_column` or `text_column` reads from the table, or a
        column of an earlier stage that holds it. A column must name its table, since SQLite reads an unknown
        quoted name as a text.
    """
    return _Writer(dialect, read).write(tree)


def number_column(name: str, dialect: Dialect, table: str) -> exp.Expr:
    """Return a number of the table `table` within the bounds of `ml.expressions`, NULL for a missing one.

    NaN is missing too, because databases that have it order it above every number.
    """
    value = _double_cell(exp.column(name, table=table, quoted=True), dialect)
    size = exp.Abs(this=value)
    return (
        exp.case()
        .when(exp.LT(this=size, expression=edge_literal(SMALLEST, dialect)), double_literal(0.0))
        .when(exp.LTE(this=size.copy(), expression=edge_literal(LARGEST, dialect)), value.copy())
    )


def text_column(name: str, dialect: Dialect, table: str) -> exp.Expr:
    """Return a text of the table `table`, NULL for an empty one."""
    value = exp.cast(exp.column(name, table=table, quoted=True), exp.DType.TEXT)
    if dialect.loose_text:
        value = exp.cast(value, exp.DType.BINARY)
    return exp.Nullif(this=value, expression=exp.Literal.string(""))


def _double_cell(cell: exp.Expr, dialect: Dialect) -> exp.Expr:
    if dialect.text_cells:
        has_digit = exp.Glob(this=cell.copy(), expression=exp.Literal.string("*[0-9]*"))
        cell = exp.case().when(has_digit, cell)
    return cast_to_double(cell)


class _Writer:
    def __init__(self, dialect: Dialect, read: Callable[[str], exp.Expr]) -> None:
        self._dialect, self._read = dialect, read

    def write(self, tree: Tree) -> exp.Expr:
        match tree:
            case Number(value):
                written = cast_to_double(edge_literal(value, self._dialect))
            case Text(value):
                written = exp.Literal.string(value) if value else exp.null()
            case NumberColumn(name) | TextColumn(name):
                written = self._read(name)
            case Code():
                written = self._code(tree)
            case Negative(value):
                written = exp.Neg(this=self._operand(value, tree))
            case Arithmetic():
                written = self._arithmetic(tree)
            case Extreme():
                written = self._extreme(tree)
            case Worst():
                written = self._worst(tree)
            case _:
                written = self._truth(tree)
        return written

    def _truth(self, tree: Tree) -> exp.Expr:
        match tree:
            case Comparison(operator, left, right):
                return self._joined(_COMPARISONS[operator], left, right, tree)
            case Logical(operator, left, right):
                return self._joined(_LOGICAL[operator], left, right, tree)
            case Not(value):
                return exp.Not(this=exp.paren(self.write(value), copy=False))
            case Missing(value, negated):
                gap = is_null(self._operand(value, tree))
                return exp.Not(this=exp.paren(gap, copy=False)) if negated else gap
        raise TypeError(f"{tree} is no formula.")

    def _operand(self, part: Tree, whole: Tree) -> exp.Expr:
        """Write a part of `whole`. A number beside a column needs no cast to be a double."""
        if isinstance(part, Number) and columns_of(whole):
            return _enclosed(edge_literal(part.value, self._dialect))
        return _enclosed(self.write(part))

    def _joined(self, operator: type[exp.Binary], left: Tree, right: Tree, whole: Tree) -> exp.Expr:
        return operator(this=self._operand(left, whole), expression=self._operand(right, whole))

    def _arithmetic(self, tree: Arithmetic) -> exp.Expr:
        if tree.operator != "/":
            return self._joined(_ARITHMETIC[tree.operator], tree.left, tree.right, tree)
        divisor = self._operand(tree.right, tree)
        if not isinstance(tree.right, Number):
            divisor = exp.Nullif(this=divisor, expression=double_literal(0.0))
        return divide(self._operand(tree.left, tree), divisor)

    def _extreme(self, tree: Extreme) -> exp.Expr:
        """Write LEAST or GREATEST. Databases differ in what these give for a NULL, so a CASE tests for it."""
        values = [self._operand(value, tree) for value in tree.values]
        gaps = [
            is_null(value.copy())
            for part, value in zip(tree.values, values, strict=True)
            if not isinstance(part, Number)
        ]
        function = _EXTREMES[tree.function](
            this=values[0],
            expressions=values[1:],
            # Either value keeps sqlglot from adding a test of its own; SQLite's functions pass a NULL on.
            ignore_nulls=self._dialect.name != "sqlite",
        )
        if not gaps:
            return function
        return exp.case().when(exp.or_(*gaps, copy=False), exp.null(), copy=False).else_(function, copy=False)

    def _code(self, tree: Code) -> exp.Expr:
        case = exp.case(self._read(tree.name))
        for code, value in enumerate(tree.values):
            if value:
                case = case.when(exp.Literal.string(value), double_literal(float(code)))
        return cast_to_double(case)

    def _worst(self, tree: Worst) -> exp.Expr:
        worst = double_literal(INFINITY if tree.highest else -INFINITY)
        return (
            exp.case()
            .when(self.write(tree.condition), worst, copy=False)
            .else_(self.write(tree.value), copy=False)
        )


def _enclosed(value: exp.Expr) -> exp.Expr:
    return value if isinstance(value, _CLOSED) else exp.paren(value, copy=False)
