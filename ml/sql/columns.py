"""The five columns of the scorecard in SQL: the rules of `ml.scorecard.columns`, where NULL is missing.

A ratio never overflows or underflows here (some databases stop the whole query at that): beyond 1e100 it is
written as 1e200, below 1e-100 as 0, and no edge lies there.
"""

from collections.abc import Callable

from sqlglot import exp

from ml.scorecard.columns import BY_MODEL_COLUMN
from ml.sql.words import BEYOND, HUGE, Dialect, cast_to_double, divide, double_literal, quoted_column

ExpressionBuilder = Callable[[Dialect], exp.Expr]

LOAN, TERM, INSTALMENT, INCOME = "loan", "term", "instalment", "Total_Income"


def first_values(columns: set[str], dialect: Dialect) -> list[exp.Expr]:
    """Return what is read from the table itself, for the model columns `columns`."""
    needed = set().union(*(_NEEDS[name] for name in columns))
    return [exp.alias_(build(dialect), name, quoted=True) for name, build in _FIRST.items() if name in needed]


def instalments(columns: set[str]) -> list[exp.Expr]:
    """Return the instalment, if a model column asks for it."""
    if "Instalment_To_Income" not in columns:
        return []
    loan, term = quoted_column(LOAN), quoted_column(TERM)
    no_term = exp.func("NULLIF", exp.Sign(this=loan), exp.Literal.number(0)) * double_literal(HUGE)
    value = _quotient(loan, term, exp.case().when(term.eq(double_literal(0.0)), no_term))
    return [exp.alias_(value, INSTALMENT, quoted=True)]


def ratios(columns: set[str]) -> list[exp.Expr]:
    """Return those columns of `columns` that are relative to income."""
    return [exp.alias_(_per_income(_RATIOS[name]), name, quoted=True) for name in _RATIOS if name in columns]


def _per_income(amount: str) -> exp.Expr:
    """Divide by total income; no income at all is the worst ratio, whether or not the amount is known."""
    income = quoted_column(INCOME)
    return _quotient(
        quoted_column(amount), income, exp.case().when(income <= double_literal(0.0), double_literal(HUGE))
    )


def _quotient(above: exp.Expr, below: exp.Expr, case: exp.Case) -> exp.Expr:
    size, unit = exp.Abs(this=above), exp.Abs(this=below)
    sign = exp.Sign(this=above) * exp.Sign(this=below)
    case = case.when(size > unit * double_literal(BEYOND), sign * double_literal(HUGE))
    return case.when(size * double_literal(BEYOND) < unit, double_literal(0.0)).else_(divide(above, below))


def _number(name: str) -> ExpressionBuilder:
    """Read a column as doubles, whatever stands for a gap there as NULL."""

    def build(dialect: Dialect) -> exp.Expr:
        cell: exp.Expr = quoted_column(name)
        if dialect.text_cells:
            has_digit = exp.Glob(this=cell, expression=exp.Literal.string("*[0-9]*"))
            cell = exp.case().when(has_digit, cell)
        value = cast_to_double(cell)
        nan = cast_to_double(exp.Literal.string("NaN"))
        return exp.func("NULLIF", value, nan) if dialect.has_nan else value

    return build


def _area(dialect: Dialect) -> exp.Expr:
    cell: exp.Expr = quoted_column("Property_Area")
    if dialect.loose_text:
        cell = exp.cast(cell, exp.DType.BINARY)
    case = exp.case(cell)
    for code, area in enumerate(BY_MODEL_COLUMN["Property_Area"].choices):
        case = case.when(exp.Literal.string(area), double_literal(float(code)))
    return cast_to_double(case)


def _income(dialect: Dialect) -> exp.Expr:
    return _number("ApplicantIncome")(dialect) + _number("CoapplicantIncome")(dialect)


def _loan(dialect: Dialect) -> exp.Expr:
    return _number("LoanAmount")(dialect) * double_literal(1000.0)


_FIRST: dict[str, ExpressionBuilder] = {
    "Credit_History": _number("Credit_History"),
    "Property_Area": _area,
    INCOME: _income,
    LOAN: _loan,
    TERM: _number("Loan_Amount_Term"),
}
_NEEDS = {
    "Credit_History": {"Credit_History"},
    "Property_Area": {"Property_Area"},
    INCOME: {INCOME},
    "Loan_To_Income": {LOAN, INCOME},
    "Instalment_To_Income": {LOAN, TERM, INCOME},
}
_RATIOS = {"Loan_To_Income": LOAN, "Instalment_To_Income": INSTALMENT}
