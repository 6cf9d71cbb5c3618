"""The words of exported SQL: quoted names, and literals that every database reads as the same double."""

import math
import re
from dataclasses import dataclass

from sqlglot import exp

from ml.errors import ExportError


@dataclass(frozen=True, slots=True)
class Dialect:
    """One database language.

    Attributes
    ----------
    has_nan : bool
        Its doubles may be NaN, which stands for a gap as NULL does.
    text_cells : bool
        A numeric column may hold text (a CSV import does that); without a digit it is a gap too.
    loose_text : bool
        ``'urban'`` equals ``'Urban'`` unless bytes are compared.
    loose_decimals : bool
        It reads about one decimal literal in ten thousand as the neighbouring double.
    most_rows : int or None
        A limit no table reaches. Written into a subquery, it keeps the planner from copying an expression to
        every place that reads it. ``None``: not needed.
    """

    name: str
    has_nan: bool = False
    text_cells: bool = False
    loose_text: bool = False
    loose_decimals: bool = False
    most_rows: int | None = None


DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect("postgres", has_nan=True, most_rows=0),
        Dialect("sqlite", text_cells=True, loose_decimals=True, most_rows=-1),
        Dialect("duckdb", has_nan=True),
        Dialect("mysql", loose_text=True, most_rows=2**63 - 1),
        Dialect("spark", has_nan=True),
    )
}


def dialect_of(name: str) -> Dialect:
    """Return the dialect of that name; raises ExportError with those there are."""
    if name not in DIALECTS:
        raise ExportError(f"There is no SQL dialect {name!r}; known: {', '.join(DIALECTS)}.")
    return DIALECTS[name]


# A quotient beyond this is written as HUGE; no edge may come near either.
BEYOND, HUGE = 1e100, 1e200
_WHOLE = 2**53  # whole numbers below have all their digits
_LONGEST_NAME = 63  # of an identifier in PostgreSQL
_MOST_PARTS = 3  # catalogue, schema, table
_FORBIDDEN = re.compile(r"[\"`'\\\[\]]")


def quoted_table(name: str) -> exp.Table:
    """Return a table by its name, ``table``, ``schema.table`` or ``catalogue.schema.table``, quoted.

    Raises
    ------
    ExportError
        When a part is empty, too long, or holds a quote or a character that is not printed.
    """
    parts = name.split(".")
    if len(parts) > _MOST_PARTS or not all(map(_is_name, parts)):
        raise ExportError(
            f"The table is {name!r}; expected table, schema.table or catalogue.schema.table, each of 1 to "
            f"{_LONGEST_NAME} printable characters without quotes, brackets and backslashes."
        )
    quoted = [exp.to_identifier(part, quoted=True) for part in reversed(parts)]
    return exp.Table(**dict(zip(("this", "db", "catalog"), quoted, strict=False)))


def quoted_column(name: str) -> exp.Column:
    """Return a quoted column."""
    return exp.column(name, quoted=True)


def double_literal(value: float) -> exp.Expr:
    """Return a literal with an exponent: databases read such a one as a double, others as a decimal.

    Raises
    ------
    ExportError
        When `value` is not finite.
    """
    if not math.isfinite(value):
        raise ExportError(f"The points table holds {value!r}, which SQL cannot express.")
    digits = repr(abs(float(value)))
    literal = exp.Literal.number(digits if "e" in digits else f"{digits}e0")
    return exp.Neg(this=literal) if value < 0 else literal


def edge_literal(value: float, dialect: Dialect) -> exp.Expr:
    """Return a bin's edge, to the last bit: a value that lies on it belongs to the bin above."""
    if value != 0 and not HUGE / BEYOND > abs(value) > BEYOND / HUGE:
        raise ExportError(f"An edge is {value!r}; expected a number between 1e-100 and 1e100, or 0.")
    if dialect.loose_decimals and not (value.is_integer() and abs(value) < _WHOLE):
        return _by_powers(value)
    return double_literal(value)


def cast_to_double(value: exp.Expr) -> exp.Expr:
    """Cast to a double: integers would be divided as integers."""
    return exp.cast(value, exp.DType.DOUBLE)


def divide(above: exp.Expr, below: exp.Expr) -> exp.Expr:
    """Divide two doubles."""
    below = exp.paren(below) if isinstance(below, exp.Binary) else below
    return exp.Div(this=above, expression=below, typed=True, safe=False)


def _by_powers(value: float) -> exp.Expr:
    """Write a double as a whole number times or over powers of two, which no reader can get wrong."""
    above, below = value.as_integer_ratio()
    twos = (above & -above).bit_length() - 1 if below == 1 else 1 - below.bit_length()
    product = cast_to_double(exp.Literal.number(above >> max(twos, 0)))
    while twos:
        step = min(abs(twos), 62)
        power = exp.Literal.number(2**step)
        product = product * power if twos > 0 else divide(product, power)
        twos -= step if twos > 0 else -step
    return product


def _is_name(part: str) -> bool:
    return 0 < len(part) <= _LONGEST_NAME and part.isprintable() and not _FORBIDDEN.search(part)
