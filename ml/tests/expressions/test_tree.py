"""Formulas as JSON."""

import json
import pickle
from random import Random

import pytest

from ml.errors import ExpressionError
from ml.expressions.nodes import MAX_LEVELS, Negative, NumberColumn, Worst
from ml.expressions.parser import NumberType, parse
from ml.expressions.tree import columns_of, from_json, to_json
from ml.tests.helpers.formulas import COLUMNS, random_trees

A, B = ["number column", "a"], ["number column", "b"]


def test_any_formula_is_restored_from_its_json():
    for tree in random_trees(Random(1), 300):
        assert from_json(json.loads(json.dumps(to_json(tree)))) == tree


def test_the_json_is_short_and_readable():
    tree = parse("not (a + 1 < b or area is not missing)", COLUMNS, "truth")
    sum_below = ["<", ["+", A, ["number", 1.0]], B]
    assert to_json(tree) == ["not", ["or", sum_below, ["is not missing", ["text column", "area"]]]]


def test_the_columns_of_a_formula_are_named_once_in_order():
    assert columns_of(parse("b + a / b - 1", COLUMNS)) == ("b", "a")
    assert columns_of(parse("area", COLUMNS, "value")) == ("area",)


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (None, "The node is None; expected a list that starts with a word"),
        ([], r"The node is \[\]; expected a list"),
        ({"number": 1}, "expected a list"),
        (["number", True], "'number' with 1 parts; expected a known node|The node is True"),
        (["number", "1"], "The node is '1'; expected a list"),
        (["number", float("nan")], "The node is nan; expected a list"),
        (["number", 1e16], "The number is 1e"),
        (["number column", 3], "The node is 3; expected a list"),
        (["code", "area", ["a", 1]], "The node is 'area'; expected a list"),
        (["sqrt", A], "'sqrt' with 1 parts; expected a known node"),
        (["+", A], r"'\+' with 1 parts; expected a known node"),
        (["+", A, B, A], r"'\+' with 3 parts"),
        (["min", A], "min has 1 values; expected two or more"),
        (["+", A, ["text", "x"]], r"\+ has a text; expected a number"),
        (["and", A, B], "and has a number; expected a truth"),
        (["<", ["text", "x"], ["text column", "y"]], "Texts are compared by <"),
        (["worst", "top", A, ["<", A, B]], "The node is 'top'"),
        (["worst", "highest", A, B], "worst_if has a number; expected a truth"),
        (["+", ["worst", "highest", A, ["<", A, B]], A], r"\+ has a number with a worst case"),
        (["/", A, ["number", 0]], "The divisor is always 0"),
    ],
)
def test_what_is_no_formula_is_refused(document, fault):
    with pytest.raises(ExpressionError, match=fault):
        from_json(document)


@pytest.mark.parametrize("levels", [MAX_LEVELS + 1, 5000])
def test_json_that_is_too_deep_is_refused(levels):
    document = A
    for _ in range(levels - 1):
        document = ["negative", document]
    with pytest.raises(ExpressionError, match="expected at most 30 levels"):
        from_json(document)


def test_the_deepest_formula_is_restored_within_a_worst_case():
    deepest = NumberColumn("a")
    for _ in range(MAX_LEVELS - 1):
        deepest = Negative(deepest)
    tree = Worst(deepest, parse("a < b", COLUMNS, "truth"), highest=True)
    assert from_json(to_json(tree)) == tree


def test_a_fault_survives_pickling():
    with pytest.raises(ExpressionError) as caught:
        parse("a +", {"a": NumberType()})
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 # our own
