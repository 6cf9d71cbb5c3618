"""What formulas give: gaps, bounds, three-valued truths. Arrays and one application are asked alike."""

import math
import subprocess
import sys
from random import Random

import numpy as np
import pytest

from ml.applications.types import Categorical
from ml.expressions.arrays import FALSE, MISSING, TRUE, holds, numbers, truths
from ml.expressions.compiled import compile_values
from ml.expressions.nodes import Kind, NumberColumn, Worst
from ml.expressions.parser import NumberType, TextType, parse
from ml.tests.helpers import formulas
from ml.tests.helpers.formulas import random_rows, random_trees

AREAS = ("Rural", "Urban")
COLUMNS = {
    "a": NumberType(), "b": NumberType(), "area": TextType(AREAS), "other": TextType(AREAS),
}  # fmt: skip
EMPTY = dict.fromkeys(COLUMNS)


def result(tree, **values):
    """The result for one application, which arrays and the compiled function must agree on."""
    row = EMPTY | values
    (compiled,) = compile_values([tree])(row)
    columns = {name: [value] for name, value in row.items()}
    if tree.kind is Kind.TRUTH:
        (code,) = truths(tree, columns).tolist()
        assert {TRUE: True, FALSE: False, MISSING: None}[code] is compiled
        return compiled
    assert repr(numbers(tree, columns).tolist()) == repr([compiled])
    return None if math.isnan(compiled) else compiled


def number(text, **values):
    return result(parse(text, COLUMNS, "value"), **values)


def truth(text, **values):
    return result(parse(text, COLUMNS, "truth"), **values)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b", 10.0), ("a - b", 6.0), ("a * b", 16.0), ("a / b", 4.0), ("-a", -8.0), ("a - -b", 10.0),
        ("min(a, b, 1)", 1.0), ("max(b, a, 1)", 8.0), ("min(a, max(b, 3))", 3.0), ("7", 7.0),
    ],
)  # fmt: skip
def test_numbers_are_computed(text, value):
    assert number(text, a=8.0, b=2.0) == value


@pytest.mark.parametrize("text", ["a + b", "a - b", "a * b", "a / b", "-a", "min(b, a)", "max(b, a, 1)"])
@pytest.mark.parametrize("gap", [None, math.nan])
def test_a_number_with_a_gap_in_it_is_missing(text, gap):
    assert number(text, a=gap, b=2.0) is None


@pytest.mark.parametrize("divisor", [0.0, -0.0, 1e-16, 5e-324])
def test_a_division_by_zero_is_missing(divisor):
    assert number("a / b", a=1.0, b=divisor) is None
    assert number("a / (b - b)", a=1.0, b=3.0) is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (1e15, 1e15), (-1e15, -1e15), (1.1e15, None), (-1e16, None), (math.inf, None), (-math.inf, None),
        (1e-15, 1e-15), (9e-16, 0.0), (-9e-16, 0.0), (-0.0, 0.0),
    ],
)  # fmt: skip
def test_a_cell_is_read_within_bounds(cell, value):
    assert number("a", a=cell) == value


def test_a_whole_number_is_computed_as_a_double():
    assert number("a * b", a=10**15 - 1, b=10**15 - 1) == (10.0**15 - 1) ** 2


@pytest.mark.parametrize(
    ("operator", "results"),
    [
        ("=", [False, True, False]), ("!=", [True, False, True]), ("<", [True, False, False]),
        ("<=", [True, True, False]), (">", [False, False, True]), (">=", [False, True, True]),
    ],
)  # fmt: skip
def test_numbers_are_compared(operator, results):
    assert [truth(f"a {operator} b", a=value, b=2.0) for value in (1.0, 2.0, 3.0)] == results
    assert truth(f"a {operator} b", a=1.0) is None
    assert truth(f"a {operator} b", b=1.0) is None


@pytest.mark.parametrize("text", ["area = 'Urban'", "'Urban' = area"])
def test_texts_are_compared_by_every_character(text):
    areas = ("Urban", "urban", "Rural", "", None)
    assert [truth(text, area=area) for area in areas] == [True, False, False, None, None]


@pytest.mark.parametrize(("operator", "equal"), [("=", True), ("!=", False)])
def test_two_columns_of_texts_are_compared(operator, equal):
    text = f"area {operator} other"
    assert truth(text, area="Urban", other="Urban") is equal
    assert truth(text, area="Urban", other="Rural") is not equal
    assert truth(text, area="Urban") is None


@pytest.mark.parametrize(("area", "code"), [("Rural", 0.0), ("Urban", 1.0), ("Moon", None), ("", None)])
def test_a_column_of_texts_gives_the_place_of_each(area, code):
    assert number("area", area=area) == code


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a is missing", {"a": None}), ("a is missing", {"a": 1e16}), ("a + b is missing", {"a": 1.0}),
        ("area is missing", {"area": ""}), ("a is not missing", {"a": 0.0}),
        ("area is not missing", {"area": "Moon"}), ("1 is not missing", {}),
    ],
)  # fmt: skip
def test_a_gap_can_be_asked_for(text, values):
    assert truth(text, **values) is True
    assert truth(f"not ({text})", **values) is False


STATES = {True: "1 < 2", False: "2 < 1", None: "a < 1"}


@pytest.mark.parametrize("left", STATES)
@pytest.mark.parametrize("right", STATES)
def test_and_and_or_follow_three_valued_logic(left, right):
    states = {left, right}
    both = False if False in states else None if None in states else True
    either = True if True in states else None if None in states else False
    assert truth(f"{STATES[left]} and {STATES[right]}") is both
    assert truth(f"{STATES[left]} or {STATES[right]}") is either


def test_the_opposite_of_a_missing_truth_is_missing():
    assert [truth(f"not {text}") for text in STATES.values()] == [False, True, None]


@pytest.mark.parametrize(
    ("condition", "values", "value"),
    [
        ("b <= 0", {"a": None, "b": 0.0}, math.inf),
        ("b <= 0", {"a": 3.0, "b": None}, None),
        ("b <= 0", {"a": 3.0, "b": 2.0}, 1.5),
        ("b != 2", {"a": 3.0, "b": None}, None),
        ("b is missing", {"a": 3.0, "b": None}, math.inf),
    ],
)
def test_a_worst_case_comes_first_and_a_missing_one_does_not_hold(condition, values, value):
    ratio, holding = parse("a / b", COLUMNS), parse(condition, COLUMNS, "truth")
    assert result(Worst(ratio, holding, highest=True), **values) == value
    assert result(Worst(ratio, holding, highest=False), **values) == (-value if value == math.inf else value)


def test_a_missing_truth_does_not_hold():
    columns = {"a": [1.0, None, 3.0]}
    assert holds(parse("a < 2", COLUMNS, "truth"), columns).tolist() == [True, False, False]
    assert holds(parse("not a < 2", COLUMNS, "truth"), columns).tolist() == [False, False, True]


def test_a_truth_holds_where_it_is_true():
    random = Random(5)
    rows = random_rows(random, 30)
    columns = {name: [row[name] for row in rows] for name in formulas.COLUMNS}
    for tree in random_trees(random, 100):
        if tree.kind is Kind.TRUTH:
            assert holds(tree, columns).tolist() == (truths(tree, columns) == TRUE).tolist()


def test_arrays_and_lists_are_read_alike():
    tree = parse("a * 2", COLUMNS)
    array = np.array([1.0, np.nan, 0.0])
    assert numbers(tree, {"a": array}).tolist()[::2] == [2.0, 0.0]
    np.testing.assert_array_equal(numbers(tree, {"a": array}), numbers(tree, {"a": [1.0, None, 0.0]}))


@pytest.mark.parametrize("text", ["area = 'Urban'", "area != other", "area is missing"])
def test_categories_and_lists_are_read_alike(text):
    tree, areas = parse(text, COLUMNS, "truth"), [None, "Urban", "Rural", "Urban", ""]
    coded = Categorical([None, "Rural", "Urban", ""], np.array([0, 2, 1, 2, 3]))
    other = ["Urban"] * 5
    expected = truths(tree, {"area": areas, "other": other})
    assert truths(tree, {"area": coded, "other": other}).tolist() == expected.tolist()


def test_a_formula_without_columns_has_a_result_for_each_row():
    assert numbers(parse("1 + 1", COLUMNS), {"a": [None, 1.0]}).tolist() == [2.0, 2.0]
    assert holds(parse("1 < 2", COLUMNS, "truth"), {"a": [None, 1.0]}).tolist() == [True, True]


def test_no_rows_give_no_results():
    assert numbers(parse("a + 1", COLUMNS), {"a": []}).tolist() == []


def test_the_given_columns_are_not_changed():
    array = np.array([-0.0, 1e16, 1e-16])
    numbers(parse("a", COLUMNS), {"a": array})
    assert array.tolist() == [-0.0, 1e16, 1e-16]


def test_several_formulas_are_computed_by_one_function():
    values = compile_values([parse("a + b", COLUMNS), parse("a + b < 4", COLUMNS, "truth")])
    assert values({"a": 1.0, "b": 2.0}) == (3.0, True)
    assert compile_values([])({}) == ()


@pytest.mark.parametrize("name", ['"]; raise SystemExit #', "'''", "a\nb", "\\", "row", "nan", "v1", "None"])
def test_a_name_never_becomes_source(name):
    assert compile_values([NumberColumn(name)])({name: 1.0}) == (1.0,)


def test_an_absent_column_is_an_error():
    with pytest.raises(KeyError, match="b"):
        compile_values([parse("a + b", COLUMNS)])({"a": 1.0})


def test_evaluation_does_not_import_the_parser():
    modules = "import sys, ml.expressions.arrays, ml.expressions.compiled, ml.expressions.tree"
    check = f"{modules}; sys.exit('ml.expressions.parser' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
