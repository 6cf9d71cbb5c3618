"""The five columns of the scorecard in SQL, by the rules of `ml.schemas.model_columns`; NULL is a missing value.

A ratio above 1e100 is written as 1e200, a ratio below 1e-100 as 0: some databases stop a query whose division
overflows or underflows. No bin edge lies beyond these bounds.
"""

from collections.abc import Callable

from sqlglot import exp

from ml.applications.schema import BY_COLUMN
from ml.sql import Dialect
from ml.sql.words import HUGE, OVERFLOW, cast_to_double, divide, double_literal, quoted_column

ExpressionBuilder = Callable[[Dialect], exp.Expr]

LOAN, TERM, INSTALMENT, INCOME = "loan", "term", "instalment", "Total_Income"


def table_columns(columns: set[str], dialect: Dialect) -> list[exp.Expr]:
    """Return the expressions on the table's own columns that the model columns `columns` need."""
    needed = set().union(*(_NEEDS[name] for name in columns))
    builders = {name: build for name, build in _TABLE_COLUMNS.items() if name in needed}
    return [exp.alias_(build(dialect), name, quoted=True) for name, build in builders.items()]


def instalment(columns: set[str]) -> list[exp.Expr]:
    """Return the monthly instalment as a list of one column; empty if no model column needs it."""
    if "Instalment_To_Income" not in columns:
        return []
    loan, term = quoted_column(LOAN), quoted_column(TERM)
    no_term = exp.func("NULLIF", exp.Sign(this=loan), exp.Literal.number(0)) * double_literal(HUGE)
    value = _quotient(loan, term, exp.case().when(term.eq(double_literal(0.0)), no_term))
    return [exp.alias_(value, INSTALMENT, quoted=True)]


def ratios(columns: set[str]) -> list[exp.Expr]:
    """Return the ratios to income among the model columns `columns`."""
    return [exp.alias_(_per_income(_RATIOS[name]), name, quoted=True) for name in _RATIOS if name in columns]


def _per_income(amount: str) -> exp.Expr:
    """Divide by total income. Without income the ratio is the worst, even if the amount is missing."""
    income = quoted_column(INCOME)
    return _quotient(
        quoted_column(amount), income, exp.case().when(income <= double_literal(0.0), double_literal(HUGE))
    )


def _quotient(numerator: exp.Expr, denominator: exp.Expr, case: exp.Case) -> exp.Expr:
    """Add the guarded division to `case`, whose own conditions come first."""
    size, unit = exp.Abs(this=numerator), exp.Abs(this=denominator)
    sign = exp.Sign(this=numerator) * exp.Sign(this=denominator)
    case = case.when(size > unit * double_literal(OVERFLOW), sign * double_literal(HUGE))
    case = case.when(size * double_literal(OVERFLOW) < unit, double_literal(0.0))
    return case.else_(divide(numerator, denominator))


def _number(name: str) -> ExpressionBuilder:
    """Return a function that reads a column as doubles, every missing value as NULL."""

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
    for code, area in enumerate(BY_COLUMN["Property_Area"].values):
        case = case.when(exp.Literal.string(area), double_literal(float(code)))
    return cast_to_double(case)


def _income(dialect: Dialect) -> exp.Expr:
    return _number("ApplicantIncome")(dialect) + _number("CoapplicantIncome")(dialect)


def _loan(dialect: Dialect) -> exp.Expr:
    return _number("LoanAmount")(dialect) * double_literal(1000.0)


_TABLE_COLUMNS: dict[str, ExpressionBuilder] = {
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
