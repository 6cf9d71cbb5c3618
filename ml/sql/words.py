"""Quoted names and number literals of exported SQL; every database reads a literal as the same double."""

import math
import re
from collections.abc import Callable, Sequence
from functools import reduce

from sqlglot import exp

from ml.errors import ExportError
from ml.sql import Dialect

# The powers of two of an edge beyond these sizes could overflow.
_SMALLEST_EDGE, _LARGEST_EDGE = 1e-100, 1e100
_EXACT_INTEGERS = 2**53  # every smaller integer is exactly a double
_GROUP = 50  # operands or arguments that every database takes
_MAX_NAME_LENGTH = 63  # of an identifier in PostgreSQL
_MAX_NAME_PARTS = 3  # catalogue, schema, table
_FORBIDDEN = re.compile(r"[\"`'\\\[\]]")


def quoted_table(name: str) -> exp.Table:
    """Return the quoted table of a name such as ``table``, ``schema.table`` or ``catalogue.schema.table``.

    Raises
    ------
    ExportError
        If a part is empty, too long, or contains a quote or an unprintable character.
    """
    parts = name.split(".")
    if len(parts) > _MAX_NAME_PARTS or not all(map(_is_name, parts)):
        raise ExportError(
            f"The table is {name!r}; expected table, schema.table or catalogue.schema.table, each of 1 to "
            f"{_MAX_NAME_LENGTH} printable characters without quotes, brackets and backslashes."
        )
    quoted = [exp.to_identifier(part, quoted=True) for part in reversed(parts)]
    return exp.Table(**dict(zip(("this", "db", "catalog"), quoted, strict=False)))


def quoted_column(name: str) -> exp.Column:
    """Return a quoted column."""
    return exp.column(name, quoted=True)


def double_literal(value: float) -> exp.Expr:
    """Return a literal with an exponent, which databases read as a double and not as a decimal.

    Raises
    ------
    ExportError
        If `value` is not finite.
    """
    if not math.isfinite(value):
        raise ExportError(f"The points table contains {value!r}, which SQL cannot express.")
    digits = repr(abs(float(value)))
    literal = exp.Literal.number(digits if "e" in digits else f"{digits}e0")
    return exp.Neg(this=literal) if value < 0 else literal


def edge_literal(value: float, dialect: Dialect) -> exp.Expr:
    """Return a literal of a bin's edge, exact to the last bit: a value on the edge belongs to the bin above.

    Raises
    ------
    ExportError
        If `value` is neither 0 nor, in absolute value, between 1e-100 and 1e100.
    """
    if value != 0 and not _LARGEST_EDGE > abs(value) > _SMALLEST_EDGE:
        raise ExportError(f"A bin edge is {value!r}; expected 0 or a number between 1e-100 and 1e100.")
    if dialect.loose_decimals and not (value.is_integer() and abs(value) < _EXACT_INTEGERS):
        return _by_powers(value)
    return double_literal(value)


def cast_to_double(value: exp.Expr) -> exp.Expr:
    """Cast `value` to a double, because databases divide integers as integers."""
    return exp.cast(value, exp.DType.DOUBLE)


def divide(numerator: exp.Expr, denominator: exp.Expr) -> exp.Expr:
    """Return the quotient of two doubles."""
    if isinstance(denominator, exp.Binary):
        denominator = exp.paren(denominator)
    return exp.Div(this=numerator, expression=denominator, typed=True, safe=False)


def _by_powers(value: float) -> exp.Expr:
    """Write a double as an integer times or over powers of two, which every database reads exactly."""
    numerator, denominator = value.as_integer_ratio()
    exponent = (numerator & -numerator).bit_length() - 1 if denominator == 1 else 1 - denominator.bit_length()
    product = cast_to_double(exp.Literal.number(numerator >> max(exponent, 0)))
    while exponent:
        step = min(abs(exponent), 62)
        power = exp.Literal.number(2**step)
        product = product * power if exponent > 0 else divide(product, power)
        exponent -= step if exponent > 0 else -step
    return product


def _is_name(part: str) -> bool:
    return 0 < len(part) <= _MAX_NAME_LENGTH and part.isprintable() and not _FORBIDDEN.search(part)


def integer(value: int) -> exp.Expr:
    """Return a literal of an integer."""
    return exp.Literal.number(value)


def text_literal(value: str) -> exp.Expr:
    """Return a literal of a text."""
    return exp.Literal.string(value)


def is_null(value: exp.Expr) -> exp.Expr:
    """Return a test for a missing value."""
    return exp.Is(this=value, expression=exp.null())


def any_of(tests: Sequence[exp.Expr]) -> exp.Expr:
    """Return the disjunction of one or more tests, in groups: SQLite limits the depth of expressions."""
    return _in_groups(tests, lambda group: reduce(_or, group))


def least_of(values: Sequence[exp.Expr], dialect: Dialect) -> exp.Expr:
    """Return the least of one or more numbers that are not NULL; SQLite limits the number of arguments."""
    # Either value keeps sqlglot from adding tests for NULL.
    ignore_nulls = dialect.name != "sqlite"
    return _in_groups(
        values, lambda group: exp.Least(this=group[0], expressions=group[1:], ignore_nulls=ignore_nulls)
    )


def joined_texts(texts: Sequence[exp.Expr]) -> exp.Expr:
    """Return texts that are not NULL as one; PostgreSQL limits the number of arguments."""
    return _in_groups(texts, lambda group: exp.Concat(expressions=[*group], safe=False, coalesce=False))


def _in_groups(values: Sequence[exp.Expr], join: Callable[[Sequence[exp.Expr]], exp.Expr]) -> exp.Expr:
    while len(values) > 1:
        groups = [values[start : start + _GROUP] for start in range(0, len(values), _GROUP)]
        values = [exp.paren(join(group), copy=False) if len(group) > 1 else group[0] for group in groups]
    return values[0]


def _or(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Or(this=left, expression=right)
