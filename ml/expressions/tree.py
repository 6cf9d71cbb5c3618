"""Checked formulas as JSON, for manifests and policies. Reading one does not need the parser."""

import functools
import math
from collections.abc import Callable
from typing import Any

from ml.errors import ExpressionError
from ml.expressions.nodes import (
    ARITHMETIC,
    COMPARISONS,
    EXTREMES,
    LOGICAL,
    MAX_LEVELS,
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
    parts_of,
)

__all__ = ["Tree", "columns_of", "from_json", "to_json"]

_IS_MISSING, _IS_NOT_MISSING = "is missing", "is not missing"
_ENDS = {"highest": True, "lowest": False}
_LEAVES: dict[str, Callable[[str], Tree]] = {
    "text": Text, "number column": NumberColumn, "text column": TextColumn,
}  # fmt: skip
_UNARY: dict[str, Callable[[Tree], Tree]] = {"negative": Negative, "not": Not}
_BINARY: dict[str, Callable[[str, Tree, Tree], Tree]] = {
    **dict.fromkeys(ARITHMETIC, Arithmetic),
    **dict.fromkeys(COMPARISONS, Comparison),
    **dict.fromkeys(LOGICAL, Logical),
}


def to_json(tree: Tree) -> list[Any]:
    """Return `tree` as nested lists, such as ``["+", ["number column", "a"], ["number", 1.0]]``."""
    return [*_head(tree), *map(to_json, parts_of(tree))]


def _head(tree: Tree) -> list[Any]:
    match tree:
        case Number() | Text():
            head: list[Any] = [tree.kind.value, tree.value]
        case NumberColumn() | TextColumn():
            head = [f"{tree.kind} column", tree.name]
        case Code():
            head = ["code", tree.name, list(tree.values)]
        case Negative():
            head = ["negative"]
        case Not():
            head = ["not"]
        case Missing():
            head = [_IS_NOT_MISSING if tree.negated else _IS_MISSING]
        case Extreme():
            head = [tree.function]
        case Worst():
            head = ["worst", "highest" if tree.highest else "lowest"]
        case Arithmetic() | Comparison() | Logical():
            head = [tree.operator]
    return head


def from_json(document: object) -> Tree:
    """Return the tree that `to_json` wrote.

    Raises
    ------
    ExpressionError
        If a node is unknown, has the wrong parts or kinds, or breaks a limit of formulas.
    """
    return _read(document, MAX_LEVELS + 1)  # a whole formula may lie in a `Worst`


@functools.lru_cache(4096)
def _first_equal(tree: Tree) -> Tree:
    """Return the first of equal trees: `ml.expressions.arrays` computes a part that formulas share once."""
    return tree


def _read(document: object, levels: int) -> Tree:
    return _first_equal(_read_node(document, levels))


def _read_node(document: object, levels: int) -> Tree:
    if not levels:
        raise ExpressionError(f"The formula is too deep; expected at most {MAX_LEVELS} levels")
    match document:
        case ["number", float() | int() as value] if not isinstance(value, bool) and math.isfinite(value):
            return Number(value + 0.0)  # a negative zero loses its sign
        case ["text" | "number column" | "text column" as word, str(value)]:
            return _LEAVES[word](value)
        case ["code", str(name), [*values]] if all(isinstance(value, str) for value in values):
            return Code(name, tuple(map(str, values)))
        case ["worst", "highest" | "lowest" as end, value, condition]:
            return Worst(_read(value, levels - 1), _read(condition, levels - 1), _ENDS[end])
        case [str(word), *parts]:
            return _joined(word, tuple(_read(part, levels - 1) for part in parts))
    raise ExpressionError(f"The node is {document!r:.100}; expected a list that starts with a word")


def _joined(word: str, parts: tuple[Tree, ...]) -> Tree:
    match parts:
        case (value,) if word in _UNARY:
            return _UNARY[word](value)
        case (value,) if word in {_IS_MISSING, _IS_NOT_MISSING}:
            return Missing(value, negated=word == _IS_NOT_MISSING)
        case (left, right) if word in _BINARY:
            return _BINARY[word](word, left, right)
    if word in EXTREMES:
        return Extreme(word, parts)
    raise ExpressionError(f"The node is {word!r} with {len(parts)} parts; expected a known node")
