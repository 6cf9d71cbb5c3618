"""What a formula may say, what it means, and how a fault is named."""

import pytest

from ml.errors import ExpressionError
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
)
from ml.expressions.parser import NumberType, TextType, parse

COLUMNS = {
    "a": NumberType(), "b": NumberType(), "c": NumberType(), "loan-amount": NumberType(), "a`b": NumberType(),
    "größe": NumberType(), "min": NumberType(), "not": NumberType(),
    "area": TextType(("Rural", "Urban", "it's")), "other": TextType(("Urban", 'a "b"')),
}  # fmt: skip
A, B, C = map(NumberColumn, "abc")
AREA = TextColumn("area")


def number(text):
    return parse(text, COLUMNS)


def truth(text):
    return parse(text, COLUMNS, "truth")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("1", Number(1.0)),
        (".5", Number(0.5)),
        ("1.", Number(1.0)),
        ("1.5e+3", Number(1500.0)),
        ("-2", Number(-2.0)),
        ("-a", Negative(A)),
        ("a + b", Arithmetic("+", A, B)),
        ("a+b", Arithmetic("+", A, B)),
        ("a - b - c", Arithmetic("-", Arithmetic("-", A, B), C)),
        ("a / b / c", Arithmetic("/", Arithmetic("/", A, B), C)),
        ("a + b * c", Arithmetic("+", A, Arithmetic("*", B, C))),
        ("(a + b) * c", Arithmetic("*", Arithmetic("+", A, B), C)),
        ("-a * b", Arithmetic("*", Negative(A), B)),
        ("a - -b", Arithmetic("-", A, Negative(B))),
        ("min(a, b)", Extreme("min", (A, B))),
        ("max(a, b + 1, 2)", Extreme("max", (A, Arithmetic("+", B, Number(1.0)), Number(2.0)))),
        ("`loan-amount`", NumberColumn("loan-amount")),
        ("`a``b`", NumberColumn("a`b")),
        ("`min` / `not`", Arithmetic("/", NumberColumn("min"), NumberColumn("not"))),
        ("größe", NumberColumn("größe")),
        (" \n\ta ", A),
    ],
)
def test_a_formula_of_numbers_is_read(text, tree):
    assert number(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a = b", Comparison("==", A, B)),
        ("a == b", Comparison("==", A, B)),
        ("a != b", Comparison("!=", A, B)),
        ("a + b <= c", Comparison("<=", Arithmetic("+", A, B), C)),
        ("(a) >= -1", Comparison(">=", A, Number(-1.0))),
        ("area = 'Urban'", Comparison("==", AREA, Text("Urban"))),
        ('"Rural" != area', Comparison("!=", Text("Rural"), AREA)),
        ("area = 'it''s'", Comparison("==", AREA, Text("it's"))),
        ('other = "a ""b"""', Comparison("==", TextColumn("other"), Text('a "b"'))),
        ("area = other", Comparison("==", AREA, TextColumn("other"))),
        ("a is missing", Missing(A, False)),
        ("a + b is not missing", Missing(Arithmetic("+", A, B), True)),
        ("area is missing", Missing(AREA, False)),
        ("not a < b", Not(Comparison("<", A, B))),
        ("not not a < b", Not(Not(Comparison("<", A, B)))),
        ("not a < b and b < c", Logical("and", Not(Comparison("<", A, B)), Comparison("<", B, C))),
    ],
)
def test_a_formula_of_truths_is_read(text, tree):
    assert truth(text) == tree


def test_and_binds_more_tightly_than_or():
    left, middle, right = (Missing(column, False) for column in (A, B, C))
    both = Logical("and", middle, right)
    assert truth("a is missing or b is missing and c is missing") == Logical("or", left, both)


def test_a_text_column_alone_is_a_value_by_its_place_among_the_choices():
    assert parse("area", COLUMNS, "value") == Code("area", ("Rural", "Urban", "it's"))
    assert parse("a + 1", COLUMNS, "value") == number("a + 1")


@pytest.mark.parametrize(
    ("text", "place", "fault"),
    [
        ("", 1, "There is the end; expected a number, a text in quotes, a column or '('"),
        ("a +", 4, "There is the end; expected a number"),
        ("a b", 3, "There is 'b'; expected an operator or the end"),
        ("a ; b", 3, "There is ';'; expected a number, a text in quotes, a column, an operator"),
        ("(a + b", 7, "There is the end; expected ')'"),
        ("a)", 2, "There is ')'; expected an operator or the end"),
        ("min a", 5, "There is 'a'; expected '('"),
        ("min(a)", 1, "min has 1 values; expected two or more"),
        ("a AND b", 3, "There is 'AND'; expected an operator"),
        ("a = 'x", 5, "There is \"'\"; expected a second ' that ends it"),
        ("a + `b", 5, "There is '`'; expected a second ` that ends it"),
        ("``", 1, "expected a second ` that ends it"),
        ("1 + bb", 5, "There is no column 'bb'; expected one of 'b'"),
        ("a + area", 3, "+ has a text; expected a number"),
        ("a + (b < c)", 3, "+ has a truth; expected a number"),
        ("-area", 1, "- has a text; expected a number"),
        ("min(a, area)", 1, "min has a text; expected a number"),
        ("1e16", 1, "The number is 1e+16; expected 0 or a number between 1e-15 and 1e+15"),
        ("1 + 1e-16", 5, "The number is 1e-16; expected 0"),
        ("1e999", 1, "The number is inf; expected 0"),
        ("a / 0", 3, "The divisor is always 0; expected another number"),
        ("a / (0 * b)", 3, "The divisor is always 0"),
        ("a < b", 1, "The formula gives a truth; expected a number"),
        ("area", 1, "The formula gives a text; expected a number"),
    ],
)
def test_a_fault_is_named_with_its_place(text, place, fault):
    with pytest.raises(ExpressionError) as caught:
        number(text)
    assert caught.value.place == place
    assert fault in caught.value.fault
    assert str(caught.value) == f"Character {place} of the formula: {caught.value.fault}"


@pytest.mark.parametrize(
    ("text", "place", "fault"),
    [
        ("a", 1, "The formula gives a number; expected a truth"),
        ("a < b < c", 7, "There is '<'; expected 'and', 'or' or the end: comparisons are not chained"),
        ("a < b is missing", 7, "comparisons are not chained"),
        ("a is 3", 6, "There is '3'; expected 'missing'"),
        ("a is `not` missing", 6, "There is 'not'; expected 'missing'"),
        ("(a < b) is missing", 9, "'is missing' follows a truth; expected a number or a text before it"),
        ("a = area", 3, "== beside a text has a number; expected a text"),
        ("area < 'Urban'", 6, "Texts are compared by <; expected == or !="),
        ("'Urban' = 'Urban'", 9, "Two written texts are compared; expected a column on one side"),
        ("area = 'urban'", 6, "area is compared with 'urban'; expected one of 'Rural', 'Urban', \"it's\""),
        ("'' = area", 4, "area is compared with ''; expected one of 'Rural'"),
        ("not a", 1, "not has a number; expected a truth"),
        ("a and b", 3, "and has a number; expected a truth"),
        ("(a < b) = (b < c)", 9, "== has a truth; expected a number"),
    ],
)
def test_a_fault_of_a_condition_is_named_with_its_place(text, place, fault):
    with pytest.raises(ExpressionError) as caught:
        truth(text)
    assert caught.value.place == place
    assert fault in caught.value.fault


@pytest.mark.parametrize(
    "text",
    ["(" * 30 + "a" + ")" * 30, "-" * 31 + "a", "not " * 30 + "a < b", "a" + "+ a" * 30, "a" + "*(a" * 9999],
)
def test_a_formula_that_is_too_deep_or_too_long_is_refused(text):
    with pytest.raises(ExpressionError, match=r"expected at most (30 levels|1,000$)"):
        number(text)


def test_a_sum_of_thirty_columns_is_allowed():
    assert number("a" + " + a" * 28)


def test_min_and_max_lie_in_each_other_three_levels_deep():
    assert number("min(a, 1 + max(b, -min(a, b)))")
    with pytest.raises(ExpressionError, match="expected at most 3 in each other"):
        number("min(a, 1 + max(b, -min(a, max(b, c))))")


@pytest.mark.parametrize(
    "text",
    [
        " * ".join("a" * 20),
        "1 / (" + " * ".join("a" * 20) + ")",
        "/".join("a" * 20),
        "(a - b)" + "* (a - b)" * 9,  # differences that nearly cancel out
        " * ".join(["max(a, b)"] * 20),
    ],
)
def test_a_formula_that_could_leave_the_doubles_is_refused(text):
    with pytest.raises(ExpressionError, match=r"expected one between 1e-290 and 1e\+290"):
        number(text)


def test_a_long_list_of_choices_is_shortened_in_a_message():
    columns = {"area": TextType(tuple(map(str, range(100))))}
    with pytest.raises(ExpressionError, match="'10', '11' or one of 88 more"):
        parse("area = 'x'", columns, "truth")
