"""The nodes of a formula. A node checks itself: one that exists has the right kinds and cannot overflow."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ml.errors import ExpressionError
from ml.expressions.sizes import (
    LARGEST,
    SMALLEST,
    Size,
    check_size,
    double_size,
    joint_size,
    size_of_result,
)

MAX_LEVELS = 30
# SQL writes each argument of min and max twice, so three levels write the innermost eight times.
MAX_EXTREMES = 3


class Kind(StrEnum):
    """What a node gives."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"


NUMBER, TEXT, TRUTH = Kind.NUMBER, Kind.TEXT, Kind.TRUTH
ARITHMETIC = ("+", "-", "*", "/")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
LOGICAL = ("and", "or")
EXTREMES = ("min", "max")


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is written in the formula."""

    value: float
    kind: ClassVar[Kind] = NUMBER

    def __post_init__(self) -> None:
        if self.value != 0 and not SMALLEST <= abs(self.value) <= LARGEST:
            raise ExpressionError(
                f"The number is {self.value!r}; expected 0 or a number between {SMALLEST:g} and {LARGEST:g}"
            )


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is written in the formula."""

    value: str
    kind: ClassVar[Kind] = TEXT


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A number of the application."""

    name: str
    kind: ClassVar[Kind] = NUMBER


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A text of the application; an empty one is missing."""

    name: str
    kind: ClassVar[Kind] = TEXT


@dataclass(frozen=True, slots=True)
class Code:
    """The place of a column's text in `values`, from 0; missing for another text."""

    name: str
    values: tuple[str, ...]
    kind: ClassVar[Kind] = NUMBER


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with the other sign."""

    value: "Tree"
    kind: ClassVar[Kind] = NUMBER

    def __post_init__(self) -> None:
        _require(NUMBER, "-", self.value)
        _check_shape(self)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A sum, difference, product or quotient; missing if an operand is, or if the divisor is 0."""

    operator: str
    left: "Tree"
    right: "Tree"
    kind: ClassVar[Kind] = NUMBER

    def __post_init__(self) -> None:
        _require_known(self.operator, ARITHMETIC)
        _require(NUMBER, self.operator, self.left, self.right)
        _check_shape(self)
        check_size(size_of(self))


@dataclass(frozen=True, slots=True)
class Extreme:
    """The smallest or the largest of several numbers; missing if one of them is."""

    function: str
    values: tuple["Tree", ...]
    kind: ClassVar[Kind] = NUMBER

    def __post_init__(self) -> None:
        _require_known(self.function, EXTREMES)
        if len(self.values) < 2:
            raise ExpressionError(f"{self.function} has {len(self.values)} values; expected two or more")
        _require(NUMBER, self.function, *self.values)
        _check_shape(self)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of two numbers, or the question whether two texts are equal; missing if an operand is."""

    operator: str
    left: "Tree"
    right: "Tree"
    kind: ClassVar[Kind] = TRUTH

    def __post_init__(self) -> None:
        _require_known(self.operator, COMPARISONS)
        if TEXT in {self.left.kind, self.right.kind}:
            self._check_texts()
        else:
            _require(NUMBER, self.operator, self.left, self.right)
        _check_shape(self)

    def _check_texts(self) -> None:
        _require(TEXT, f"{self.operator} beside a text", self.left, self.right)
        if self.operator not in {"==", "!="}:
            raise ExpressionError(f"Texts are compared by {self.operator}; expected == or !=")
        if isinstance(self.left, Text) and isinstance(self.right, Text):
            raise ExpressionError("Two written texts are compared; expected a column on one side")


@dataclass(frozen=True, slots=True)
class Missing:
    """Whether a number or a text is missing (`negated`: is not); never missing itself."""

    value: "Tree"
    negated: bool
    kind: ClassVar[Kind] = TRUTH

    def __post_init__(self) -> None:
        if self.value.kind is TRUTH:
            raise ExpressionError("'is missing' follows a truth; expected a number or a text before it")
        _require(self.value.kind, "'is missing'", self.value)
        _check_shape(self)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a truth; missing if the truth is."""

    value: "Tree"
    kind: ClassVar[Kind] = TRUTH

    def __post_init__(self) -> None:
        _require(TRUTH, "not", self.value)
        _check_shape(self)


@dataclass(frozen=True, slots=True)
class Logical:
    """Two truths joined by ``and`` or ``or``, three-valued: ``false and missing`` is false."""

    operator: str
    left: "Tree"
    right: "Tree"
    kind: ClassVar[Kind] = TRUTH

    def __post_init__(self) -> None:
        _require_known(self.operator, LOGICAL)
        _require(TRUTH, self.operator, self.left, self.right)
        _check_shape(self)


@dataclass(frozen=True, slots=True)
class Worst:
    """A number, or infinity where `condition` holds (`highest`: plus infinity).

    It is no part of another node: an infinity would break the limits.
    """

    value: "Tree"
    condition: "Tree"
    highest: bool
    kind: ClassVar[Kind] = NUMBER

    def __post_init__(self) -> None:
        _require(NUMBER, "the value", self.value)
        _require(TRUTH, "worst_if", self.condition)


Tree = (
    Number
    | Text
    | NumberColumn
    | TextColumn
    | Code
    | Negative
    | Arithmetic
    | Extreme
    | Comparison
    | Missing
    | Not
    | Logical
    | Worst
)


def parts_of(tree: Tree) -> tuple[Tree, ...]:
    """Return the nodes that `tree` is made of, from left to right."""
    match tree:
        case Negative() | Missing() | Not():
            return (tree.value,)
        case Arithmetic() | Comparison() | Logical():
            return tree.left, tree.right
        case Extreme():
            return tree.values
        case Worst():
            return tree.value, tree.condition
    return ()


def nodes_of(tree: Tree) -> Iterator[Tree]:
    """Yield `tree` and all nodes below it, from left to right."""
    yield tree
    for part in parts_of(tree):
        yield from nodes_of(part)


def columns_of(tree: Tree) -> tuple[str, ...]:
    """Return the names of the application's columns that `tree` reads, each once, from left to right."""
    names = (node.name for node in nodes_of(tree) if isinstance(node, NumberColumn | TextColumn | Code))
    return tuple(dict.fromkeys(names))


def size_of(tree: Tree) -> Size:
    """Return the bounds of the numbers that `tree` gives for any application."""
    match tree:
        case NumberColumn():
            return double_size(SMALLEST, LARGEST)
        case Number(value):
            return double_size(abs(value) or math.inf, abs(value))
        case Code(_, values):
            return Size(1.0, 1.0, len(values))
        case Arithmetic(operator, left, right):
            return size_of_result(operator, size_of(left), size_of(right))
    return joint_size([size_of(part) for part in parts_of(tree)])


def _check_shape(tree: Tree) -> None:
    if _levels(tree) > MAX_LEVELS:
        raise ExpressionError(f"The formula is too deep; expected at most {MAX_LEVELS} levels")
    if _extremes(tree) > MAX_EXTREMES:
        raise ExpressionError(f"min and max are too deep; expected at most {MAX_EXTREMES} in each other")


def _levels(tree: Tree) -> int:
    return 1 + max(map(_levels, parts_of(tree)), default=0)


def _extremes(tree: Tree) -> int:
    return isinstance(tree, Extreme) + max(map(_extremes, parts_of(tree)), default=0)


def _require(kind: Kind, where: str, *parts: Tree) -> None:
    for part in parts:
        if part.kind is not kind:
            raise ExpressionError(f"{where} has a {part.kind}; expected a {kind}")
        if isinstance(part, Worst):
            raise ExpressionError(f"{where} has a number with a worst case; expected one without")


def _require_known(word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise ExpressionError(f"{word!r} is unknown; expected one of {', '.join(known)}")
