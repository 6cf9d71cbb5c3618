"""Reads the text of a formula, such as ``LoanAmount * 1000 / (Income + `other-income`) > 4``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from ml.errors import ExpressionError
from ml.expressions.nodes import (
    ARITHMETIC,
    COMPARISONS,
    MAX_LEVELS,
    NUMBER,
    TRUTH,
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
)
from ml.expressions.tokens import Token, tokens_of

MAX_LENGTH = 1000
_SHOWN = 12  # words in a message


@dataclass(frozen=True, slots=True)
class NumberType:
    """The type of a column of numbers."""


@dataclass(frozen=True, slots=True)
class TextType:
    """The type of a column of texts: `values` are all that it may hold."""

    values: tuple[str, ...]


ColumnType = NumberType | TextType
Want = Literal["number", "truth", "value"]


def parse(text: str, columns: Mapping[str, ColumnType], want: Want = "number") -> Tree:
    """Return the checked tree of a formula.

    Parameters
    ----------
    text : str
        The formula. A name that is no plain word stands in back-ticks, a text in quotes of either sort.
    columns : mapping of str to ColumnType
        The columns that the formula may read.
    want : {"number", "truth", "value"}
        What the formula must give. A value is a number or one text column, which becomes its `Code`.

    Raises
    ------
    ExpressionError
        If the text is no formula, reads an unknown column, gives something else, or breaks a limit. The
        message names the place and what was expected.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"The formula has {len(text):,} characters; expected at most {MAX_LENGTH:,}", MAX_LENGTH + 1
        )
    tree = _Parser(tokens_of(text), columns).whole()
    if want == "value" and isinstance(tree, TextColumn):
        return Code(tree.name, _values(columns[tree.name]))
    wanted = TRUTH if want == "truth" else NUMBER
    if tree.kind is not wanted:
        raise ExpressionError(f"The formula gives a {tree.kind}; expected a {wanted}", 1)
    return tree


def _one_of(words: Sequence[str]) -> str:
    more = f" or one of {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return "one of " + ", ".join(map(repr, words[:_SHOWN])) + more


def _values(column: ColumnType) -> tuple[str, ...]:
    return column.values if isinstance(column, TextType) else ()


# A higher number binds more tightly.
_COMPARES, _ADDS, _SIGN = 4, 5, 7
_BINDS = {
    "or": 1, "and": 2, **dict.fromkeys(COMPARISONS, _COMPARES), "is": _COMPARES,
    "+": _ADDS, "-": _ADDS, "*": 6, "/": 6,
}  # fmt: skip
_NOT_BINDS = 3


class _Parser:
    """Precedence climbing: `_tree(binds)` reads all operators that bind at least as tightly as `binds`."""

    def __init__(self, tokens: Sequence[Token], columns: Mapping[str, ColumnType]) -> None:
        self._tokens, self._columns = tokens, columns
        self._at = self._depth = 0

    def whole(self) -> Tree:
        tree = self._tree(1)
        if self._next.sort != "end":
            raise self._unexpected("an operator or the end")
        return tree

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _unexpected(self, expected: str) -> ExpressionError:
        return ExpressionError(f"There is {self._next}; expected {expected}", self._next.place)

    def _accept(self, text: str) -> bool:
        """Take the next token if it is the sign or the word `text`."""
        accepted = self._next.text == text and self._next.sort in {"sign", "word"}
        self._at += accepted
        return accepted

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._unexpected(repr(text))

    def _binds(self) -> int:
        """Return how tightly the next token binds as an operator, 0 if it is none."""
        return _BINDS.get(self._next.text, 0) if self._next.sort in {"sign", "word"} else 0

    def _tree(self, binds: int) -> Tree:
        self._depth += 1
        if self._depth > MAX_LEVELS:
            raise ExpressionError(
                f"The formula is too deep; expected at most {MAX_LEVELS} levels", self._next.place
            )
        left = self._first()
        while self._binds() >= binds:
            left = self._joined(left, self._take())
        self._depth -= 1
        return left

    def _joined(self, left: Tree, operator: Token) -> Tree:
        """Return `left` joined by `operator` with what follows."""
        if _BINDS[operator.text] == _COMPARES:
            return self._comparison(left, operator)
        right = self._tree(_BINDS[operator.text] + 1)
        with _At(operator):
            if operator.text in ARITHMETIC:
                return Arithmetic(operator.text, left, right)
            return Logical(operator.text, left, right)

    def _comparison(self, left: Tree, operator: Token) -> Tree:
        if operator.text == "is":
            tree = self._missing(left, operator)
        else:
            right = self._tree(_ADDS)
            self._check_known(left, right, operator)
            with _At(operator):
                tree = Comparison(operator.text, left, right)
        if self._binds() == _COMPARES:
            raise self._unexpected("'and', 'or' or the end: comparisons are not chained")
        return tree

    def _missing(self, value: Tree, operator: Token) -> Tree:
        negated = self._accept("not")
        self._expect("missing")
        with _At(operator):
            return Missing(value, negated)

    def _check_known(self, left: Tree, right: Tree, operator: Token) -> None:
        """Refuse a written text that the column beside it cannot hold."""
        for column, text in ((left, right), (right, left)):
            if isinstance(column, TextColumn) and isinstance(text, Text):
                values = _values(self._columns[column.name])
                if text.value not in values:
                    raise ExpressionError(
                        f"{column.name} is compared with {text.value!r}; expected {_one_of(values)}",
                        operator.place,
                    )

    def _first(self) -> Tree:
        """Read what may stand before an operator."""
        token = self._next
        match token.sort, token.text:
            case "number" | "text" | "name", _:
                return self._leaf(self._take())
            case "sign", "(":
                return self._in_parentheses()
            case "sign", "-":
                return self._negative()
            case "word", "not":
                return self._not()
            case "word", "min" | "max":
                return self._extreme()
        raise self._unexpected("a number, a text in quotes, a column or '('")

    def _leaf(self, token: Token) -> Tree:
        with _At(token):
            if token.sort == "number":
                return Number(float(token.text))
            return Text(token.text) if token.sort == "text" else self._column(token.text)

    def _column(self, name: str) -> Tree:
        if name not in self._columns:
            near = get_close_matches(name, self._columns, n=3, cutoff=0.5) or list(self._columns)
            raise ExpressionError(f"There is no column {name!r}; expected {_one_of(near)}")
        return TextColumn(name) if isinstance(self._columns[name], TextType) else NumberColumn(name)

    def _in_parentheses(self) -> Tree:
        self._take()
        tree = self._tree(1)
        self._expect(")")
        return tree

    def _negative(self) -> Tree:
        sign = self._take()
        value = self._tree(_SIGN)
        if isinstance(value, Number):
            return Number(0.0 - value.value)
        with _At(sign):
            return Negative(value)

    def _not(self) -> Tree:
        word = self._take()
        value = self._tree(_NOT_BINDS)
        with _At(word):
            return Not(value)

    def _extreme(self) -> Tree:
        function = self._take()
        self._expect("(")
        values = [self._tree(1)]
        while self._accept(","):
            values.append(self._tree(1))
        self._expect(")")
        with _At(function):
            return Extreme(function.text, tuple(values))


class _At:
    """Adds the place of a token to the faults that a node finds."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ExpressionError):
            raise ExpressionError(error.fault, self._token.place) from None
