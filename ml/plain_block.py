"""Lines of plain CSV text, split and checked by arithmetic on their bytes.

Only whole blocks are accepted so, and only spellings that need no thought: categories as they are called,
whole numbers of up to eight digits (with or without ``.0``), empty cells. Other blocks are left to `ml.bulk`.
"""

import functools
import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ml.schema import FEATURES, LOAN_ID, Feature, Kind

Words = NDArray[np.uint64]
Ints = NDArray[np.int64]

_WORD = 8  # bytes
_NEWLINE = ord("\n")
_POINT_ZERO = int.from_bytes(b".0", "little")
_FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], dtype=np.uint64)
_ZEROS = np.uint64(0x3030303030303030)


def _u(number: int) -> np.uint64:
    return np.uint64(number)


class PlainBlock:
    """Rows of text, as `ml.csv_stream.Block` has them."""

    def __init__(self, first: int, text: str, ends: Ints, header: Sequence[str], delimiter: str) -> None:
        self.lines = range(first, first + len(ends))
        self._text, self._header, self._delimiter = text, list(header), delimiter
        self._ends = ends
        self._starts = np.concatenate([[0], ends.ravel()[:-1] + 1]).reshape(ends.shape)

    @classmethod
    def of(cls, first: int, text: str, header: Sequence[str], delimiter: str) -> Self | None:
        """Return ``None`` for text with quotes, blank lines or ragged ones."""
        text = text.replace("\r\n", "\n")
        if '"' in text or "\r" in text:
            return None
        text = text if text.endswith("\n") else text + "\n"
        found = np.frombuffer(text.encode(), dtype=np.uint8)
        marks = np.flatnonzero((found == ord(delimiter)) | (found == _NEWLINE))
        if len(marks) != text.count("\n") * len(header):
            return None
        ends = marks.reshape(-1, len(header))
        return cls(first, text, ends, header, delimiter) if (found[ends[:, -1]] == _NEWLINE).all() else None

    @functools.cached_property
    def columns(self) -> dict[str, Sequence[str]]:
        cells = self._text.replace("\n", self._delimiter).split(self._delimiter)
        width = len(self._header)
        return {name: cells[place:-1:width] for place, name in enumerate(self._header)}

    @property
    def loan_ids(self) -> list[str]:
        """The cells as they are; only where the text is ASCII."""
        place = self._header.index(LOAN_ID)
        ends = zip(self._starts[:, place].tolist(), self._ends[:, place].tolist(), strict=True)
        text = self._text
        return [text[start:end] for start, end in ends]

    def values(self) -> dict[str, Any] | None:
        """Return arrays by column, NaN and ``None`` for gaps, if all cells are spelt plainly and good."""
        if not self._text.isascii():
            return None
        content = self._text.encode() + bytes(3 * _WORD)
        words = np.ndarray(len(content) - _WORD, dtype="<u8", buffer=content, strides=(1,))
        starts = np.ascontiguousarray(self._starts.T)
        lengths = np.ascontiguousarray(self._ends.T) - starts
        found: dict[str, Any] = {}
        for feature in FEATURES:
            place = self._header.index(feature.column)
            read = _categories if feature.kind is Kind.CATEGORY else _numbers
            values = read(feature, words, starts[place], lengths[place])
            if values is None:
                return None
            found[feature.column] = values
        return found


def _categories(feature: Feature, words: Words, starts: Ints, lengths: Ints) -> Any:
    """Compare each cell's first sixteen bytes with those of every choice."""
    head = words[starts] & _FIRST_BYTES[np.minimum(lengths, _WORD)]
    wide = any(len(str(value)) > _WORD for value in feature.values)
    tail = words[starts + _WORD] & _FIRST_BYTES[np.clip(lengths - _WORD, 0, _WORD)] if wide else _u(0)
    code = np.where((lengths == 0) & feature.optional, len(feature.choices), -1)
    for number, value in enumerate(feature.values):
        text = str(value).encode()
        first, second = (_u(int.from_bytes(part, "little")) for part in (text[:_WORD], text[_WORD:]))
        code[(head == first) & (tail == second) & (lengths == len(text))] = number
    return None if (code < 0).any() else np.array([*feature.values, None], dtype=object)[code]


def _numbers(feature: Feature, words: Words, starts: Ints, lengths: Ints) -> Any:
    """Read up to eight digits at once, shifted so that the last one has the highest byte."""
    word, empty = words[starts], lengths == 0
    before = np.clip(lengths - 2, 0, _WORD - 2).astype(np.uint64) * _u(8)
    pointed = (lengths > 2) & (lengths <= _WORD) & ((word >> before) & _u(0xFFFF) == _u(_POINT_ZERO))
    lengths = lengths - 2 * pointed
    fitting = (lengths > 0) & (lengths <= _WORD)
    bits = np.clip(lengths, 1, _WORD).astype(np.uint64) * _u(8)
    digits = (word << (_u(64) - bits)) | (_ZEROS >> (bits - _u(8)) >> _u(8))
    high = digits & _u(0xF0F0F0F0F0F0F0F0)
    carried = (digits + _u(0x0606060606060606)) & _u(0xF0F0F0F0F0F0F0F0)
    good = fitting & (high == _ZEROS) & (carried == _ZEROS)
    value = np.where(empty, np.nan, _eight_digits(digits))
    good = (good & _allowed(feature, value)) | (empty & feature.optional)
    return value if good.all() else None


def _eight_digits(digits: Words) -> NDArray[np.float64]:
    """Add up pairs, then fours, then all eight.

    D. Lemire, "Quickly parsing eight digits", 2018.
    """
    pairs = (digits - _ZEROS) * _u(10) + ((digits - _ZEROS) >> _u(8))
    mask = _u(0x000000FF000000FF)
    upper = (pairs & mask) * _u(100 + (1_000_000 << 32))
    lower = ((pairs >> _u(16)) & mask) * _u(1 + (10_000 << 32))
    return ((upper + lower) >> _u(32)).astype(np.float64)


def _allowed(feature: Feature, value: NDArray[np.float64]) -> Any:
    if feature.choices:
        return np.logical_or.reduce([value == choice for choice in feature.values])
    low, high = (math.nan if bound is None else bound for bound in (feature.minimum, feature.maximum))
    return (value > feature.above if feature.above is not None else value >= low) & (value <= high)
