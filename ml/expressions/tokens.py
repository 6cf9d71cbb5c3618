"""Splits the text of a formula into tokens."""

import re
from typing import NamedTuple

from ml.errors import ExpressionError
from ml.expressions.nodes import EXTREMES, LOGICAL


class Token(NamedTuple):
    """A number, text, name, word or sign, or the end.

    Attributes
    ----------
    sort : str
        ``"number"``, ``"text"``, ``"name"``, ``"word"`` (of the language), ``"sign"`` or ``"end"``.
    text : str
        What it says, without quotes and back-ticks.
    place : int
        Number of its first character, from 1.
    """

    sort: str
    text: str
    place: int

    def __str__(self) -> str:
        return "the end" if self.sort == "end" else repr(self.text)


_WORDS = {*LOGICAL, *EXTREMES, "not", "is", "missing"}
_TOKEN = re.compile(
    r"""(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')
      | (?P<name>`(?:[^`]|``)+`)
      | (?P<word>[^\W\d]\w*)
      | (?P<sign>==|!=|<=|>=|[-+*/<>=(),])""",
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a formula; the last one is its end.

    Raises
    ------
    ExpressionError
        If a character starts no token, or a quote or back-tick is not closed.
    """
    tokens, at = [], _end_of_space(text, 0)
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ExpressionError(f"There is {text[at]!r}; {_expectation(text[at])}", at + 1)
        tokens.append(_token(token.lastgroup or "", token.group(), at + 1))
        at = _end_of_space(text, token.end())
    return [*tokens, Token("end", "", len(text) + 1)]


def _end_of_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _token(sort: str, text: str, place: int) -> Token:
    if sort in {"text", "name"}:
        return Token(sort, text[1:-1].replace(text[0] * 2, text[0]), place)
    if sort == "word":
        return Token("word" if text in _WORDS else "name", text, place)
    return Token(sort, "==" if text == "=" else text, place)


def _expectation(character: str) -> str:
    if character in "\"'`":
        return f"expected a second {character} that ends it"
    return "expected a number, a text in quotes, a column, an operator or a parenthesis"
