"""Lines of plain CSV text, split and checked by arithmetic on their bytes.

Only whole blocks are accepted so: categories as they are called, whole numbers of up to eight digits (with or
without ``.0``), decimals of up to eight characters, empty cells. Other numbers are read one by
one. Other blocks are left to `ml.tables.block_reader`.
"""

import functools
import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ml.applications.schema import FEATURES, LOAN_ID, Feature, Kind
from ml.applications.types import Categorical, Ints
from ml.applications.values import from_text
from ml.errors import InvalidValue
from ml.tables.safe_csv import unescape_formula

Words = NDArray[np.uint64]

_WORD = 8  # bytes
_NEWLINE = ord("\n")
_POINT_ZERO = int.from_bytes(b".0", "little")
_POINTS = np.uint64(0x2E2E2E2E2E2E2E2E)
_POINT_PLACES = np.array([0x80 << 8 * place for place in range(_WORD)], dtype=np.uint64)
_ONES = np.uint64(0x0101010101010101)
_POWERS = np.array([10.0**exponent for exponent in range(_WORD)])
_FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], dtype=np.uint64)
_ZEROS = np.uint64(0x3030303030303030)
_OVER_NINE = np.uint64(0x7676767676767676)
_TOP_BITS = np.uint64(0x8080808080808080)


def _u(number: int) -> np.uint64:
    return np.uint64(number)


class PlainBlock:
    """Rows of text, as `ml.tables.csv_stream.Block` has them."""

    def __init__(self, first: int, text: str, ends: Ints, header: Sequence[str], delimiter: str) -> None:
        self.lines = range(first, first + len(ends))
        self._text, self._header, self._delimiter = text, list(header), delimiter
        self._ends = np.ascontiguousarray(ends.T)  # by column
        self._starts = np.empty_like(self._ends)
        self._starts[1:] = self._ends[:-1] + 1
        self._starts[0, 0], self._starts[0, 1:] = 0, self._ends[-1, :-1] + 1

    @classmethod
    def of(cls, first: int, text: str, header: Sequence[str], delimiter: str) -> Self | None:
        """Return ``None`` for text with quotes, blank lines or ragged ones."""
        if "\r" in text:  # to look for two characters in vain takes longer than all else here
            text = text.replace("\r\n", "\n")
        if '"' in text or "\r" in text:
            return None
        text = text if text.endswith("\n") else text + "\n"
        found = np.frombuffer(text.encode(), dtype=np.uint8)
        newlines = found == _NEWLINE
        marks = np.flatnonzero((found == ord(delimiter)) | newlines)
        if len(marks) != np.count_nonzero(newlines) * len(header):
            return None
        ends = marks.reshape(-1, len(header))
        return cls(first, text, ends, header, delimiter) if newlines[ends[:, -1]].all() else None

    @functools.cached_property
    def columns(self) -> dict[str, Sequence[str]]:
        cells = self._meant(self._text.replace("\n", self._delimiter).split(self._delimiter))
        width = len(self._header)
        return {name: cells[place:-1:width] for place, name in enumerate(self._header)}

    @property
    def loan_ids(self) -> list[str]:
        """The Loan_IDs, not checked; only where the text is ASCII."""
        place = self._header.index(LOAN_ID)
        ends = zip(self._starts[place].tolist(), self._ends[place].tolist(), strict=True)
        text = self._text
        return self._meant([text[start:end] for start, end in ends])

    def _meant(self, cells: list[str]) -> list[str]:
        return [*map(unescape_formula, cells)] if "'" in self._text else cells

    def values(self) -> dict[str, Any] | None:
        """Return arrays and `Categorical` by column, if all cells are spelt plainly and good.

        Gaps are NaN and ``None``.
        """
        if not self._text.isascii():
            return None
        content = self._text.encode() + bytes(3 * _WORD)
        words: Words = np.ndarray(len(content) - _WORD, dtype="<u8", buffer=content, strides=(1,))
        starts, lengths = self._starts, self._ends - self._starts
        found: dict[str, Any] = {}
        for feature in FEATURES:
            place = self._header.index(feature.column)
            cells = starts[place], lengths[place]
            if feature.kind is Kind.CATEGORY:
                values: Any = _categories(feature, words, *cells)
            else:
                values = self._numbers(feature, words, *cells)
            if values is None:
                return None
            found[feature.column] = values
        return found

    def _numbers(self, feature: Feature, words: Words, starts: Ints, lengths: Ints) -> Any:
        value, good = _whole_numbers(feature, words[starts], lengths)
        left = np.flatnonzero(~good)
        if not len(left):
            return value
        value[left], decimal = _decimals(words[starts[left]], lengths[left])
        others = left[~(decimal & _allowed(feature, value[left]))]
        for row, start, end in zip(others, starts[others], (starts + lengths)[others], strict=True):
            try:
                number = from_text(feature, self._text[start:end])
            except InvalidValue:
                return None
            value[row] = np.nan if number is None else number
        return value


def _categories(feature: Feature, words: Words, starts: Ints, lengths: Ints) -> Categorical | None:
    """Compare each cell's first sixteen bytes with those of every choice."""
    head = words[starts] & _FIRST_BYTES[np.minimum(lengths, _WORD)]
    tail = None
    code = np.zeros(len(starts), dtype=np.int8)  # from 1 on, and no two choices are alike
    for number, value in enumerate(feature.values, 1):
        text = str(value).encode()
        first, second = (_u(int.from_bytes(part, "little")) for part in (text[:_WORD], text[_WORD:]))
        found = head == first
        if len(text) >= _WORD:  # shorter ones end in the word's zeros, which are not in a text
            if tail is None:
                tail = words[starts + _WORD] & _FIRST_BYTES[np.clip(lengths - _WORD, 0, _WORD)]
            found &= (tail == second) & (lengths == len(text))
        code += found.view(np.int8) * np.int8(number)
    if feature.optional:
        code += (lengths == 0).view(np.int8) * np.int8(len(feature.values) + 1)
    choices = [*map(str, feature.values), None]
    return Categorical(choices, code - np.int8(1)) if code.all() else None


def _whole_numbers(feature: Feature, word: Words, lengths: Ints) -> tuple[NDArray[np.float64], Any]:
    """Read whole numbers, with or without ``.0``, and gaps; tell which cells are good ones of these."""
    empty = lengths == 0
    before = np.clip(lengths - 2, 0, _WORD - 2).astype(np.uint64) * _u(8)
    pointed = (lengths > 2) & (lengths <= _WORD) & ((word >> before) & _u(0xFFFF) == _u(_POINT_ZERO))
    value, good = _digits(word, lengths - 2 * pointed)
    good &= _allowed(feature, value)
    if empty.any():
        value[empty], good[empty] = np.nan, feature.optional
    return value, good


def _decimals(word: Words, lengths: Ints) -> tuple[NDArray[np.float64], Any]:
    """Read decimals of up to eight characters, and tell which cells are some.

    The digits, and ten to the power of how many stand behind the point, are both exact as doubles: their
    quotient is the double that is nearest to the decimal, as `float` has it.
    """
    marked = (word & _FIRST_BYTES[np.clip(lengths, 0, _WORD)]) ^ _POINTS
    points: Words = (marked - _ONES) & ~marked & _TOP_BITS
    first = points & (~points + _u(1))
    before: Words = (first >> _u(7)) - _u(1)  # the bytes in front of the first point
    value, good = _digits((word & before) | ((word >> _u(8)) & ~before), lengths - 1)
    behind = lengths - 1 - np.searchsorted(_POINT_PLACES, first)
    good &= (first != 0) & (lengths > 1) & (lengths <= _WORD)
    return value / _POWERS[np.where(good, behind, 0)], good


def _digits(word: Words, lengths: Ints) -> tuple[NDArray[np.float64], Any]:
    """Read up to eight digits at once, shifted so that the last one has the highest byte."""
    bits = np.clip(lengths, 1, _WORD).astype(np.uint64) * _u(8)
    # Of ASCII, so that nothing is carried from one byte into the next: a digit is at most 9 then.
    digits = ((word << (_u(64) - bits)) | (_ZEROS >> (bits - _u(8)) >> _u(8))) ^ _ZEROS
    good = (lengths <= _WORD) & ((digits + _OVER_NINE) & _TOP_BITS == 0)
    return _eight_digits(digits), good


def _eight_digits(digits: Words) -> NDArray[np.float64]:
    """Add up pairs, then fours, then all eight.

    D. Lemire, "Quickly parsing eight digits", 2018.
    """
    pairs = digits * _u(10) + (digits >> _u(8))
    mask = _u(0x000000FF000000FF)
    upper = (pairs & mask) * _u(100 + (1_000_000 << 32))
    lower = ((pairs >> _u(16)) & mask) * _u(1 + (10_000 << 32))
    return ((upper + lower) >> _u(32)).astype(np.float64)


def _allowed(feature: Feature, value: NDArray[np.float64]) -> Any:
    if feature.choices:
        return np.logical_or.reduce([value == choice for choice in feature.values])
    low, high = (math.nan if bound is None else bound for bound in (feature.minimum, feature.maximum))
    return (value > feature.above if feature.above is not None else value >= low) & (value <= high)
