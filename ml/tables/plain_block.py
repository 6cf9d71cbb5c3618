"""Fast path for blocks of plain CSV text: cells are split and checked by arithmetic on their bytes.

A cell is plain if it is a category spelt as in the schema, a whole number of up to eight digits (with or
without ``.0``), a decimal of up to eight characters, or empty. Other numbers are read one by one. If another
cell is not plain, `ml.tables.block_reader` reads the whole block.
"""

import functools
import math
from collections.abc import Collection, Sequence
from itertools import compress
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ml.applications.number_texts import Convention
from ml.applications.spellings import from_text
from ml.applications.types import Categorical, Flags, Floats, Ints
from ml.applications.values import LOAN_ID_LENGTH
from ml.errors import InvalidValue
from ml.schemas.features import Feature, Kind
from ml.schemas.schema import Schema
from ml.tables.plain_ids import PlainIds
from ml.tables.safe_csv import unescape_formula

Words = NDArray[np.uint64]

_WORD = 8  # bytes
_NEWLINE, _RETURN = ord("\n"), ord("\r")
_RETURN_NEWLINE = b"\r\n"
_POINT_ZERO = int.from_bytes(b".0", "little")
_POINTS = np.uint64(0x2E2E2E2E2E2E2E2E)
_POINT_PLACES = np.array([0x80 << 8 * place for place in range(_WORD)], dtype=np.uint64)
_ONES = np.uint64(0x0101010101010101)
_POWERS = np.array([10.0**exponent for exponent in range(_WORD)])
_FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], dtype=np.uint64)
# By the length of a cell: the bits to shift it by, and a zero in each byte of it. A cell of none or over
# eight bytes is no whole number: nothing is left of it, and what is put in its place is no digit.
_SHIFTS = np.array([64, *range(56, -1, -8), 64], dtype=np.uint64)
_DIGIT_ZEROS = np.array(
    [0x7F, *(int.from_bytes(bytes(_WORD - count) + b"0" * count, "little") for count in range(1, 9)), 0x7F],
    dtype=np.uint64,
)
_LONGEST_CELL = 64  # bytes of a cell that is read by words
_OF_DECIMALS = frozenset("0123456789.+-")
_OVER_NINE = np.uint64(0x7676767676767676)
_TOP_BITS = np.uint64(0x8080808080808080)


def _u(number: int) -> np.uint64:
    return np.uint64(number)


class PlainBlock:
    """Rows of text without quotes, blank lines or lines with too few cells.

    Parameters
    ----------
    lines : sequence of int, length n
        The line of the file of each row.
    content : bytes
        The rows in UTF-8, each with a newline behind it, or each with a carriage return and a newline.
    ends : ndarray of int, shape (n, number of columns)
        Position in `content` behind the last byte of each cell; that of the newline for the last cell.
    """

    def __init__(
        self, lines: Sequence[int], content: bytes, ends: Ints, header: Sequence[str], delimiter: str
    ) -> None:
        self.lines = lines
        self._content, self._header, self._delimiter = content, list(header), delimiter
        self._ends = np.ascontiguousarray(ends.T)  # by column
        self._first_starts = np.append(0, ends[:-1, -1] + 1)
        if content.endswith(_RETURN_NEWLINE):
            self._ends[-1] -= 1

    @classmethod
    def of(cls, first: int, content: bytes, header: Sequence[str], delimiter: str) -> Self | None:
        """Return the rows of a text, or ``None`` if it has quotes, blank lines or lines of unequal length."""
        if b'"' in content:
            return None
        content = content if content.endswith(b"\n") else content + b"\n"
        characters = np.frombuffer(content, dtype=np.uint8)
        newlines = characters == _NEWLINE
        marks = _marks(content, delimiter)
        if len(marks) != np.count_nonzero(newlines) * len(header):
            return None
        ends = marks.reshape(-1, len(header))
        if not newlines[ends[:, -1]].all():
            return None
        if b"\r" in content and not _are_in_front(characters == _RETURN, ends[:, -1]):
            single = content.replace(_RETURN_NEWLINE, b"\n")  # as a rule, the last line alone has no return
            return None if b"\r" in single else cls.of(first, single, header, delimiter)
        return cls(range(first, first + len(ends)), content, ends, header, delimiter)

    convention = Convention.POINT

    @property
    def names(self) -> Collection[str]:
        """The names of the columns."""
        return self._header

    @functools.cached_property
    def columns(self) -> dict[str, Sequence[str]]:
        """The cells as texts, by column."""
        text = self._content.replace(_RETURN_NEWLINE, b"\n").decode()
        cells = self._unescape(text.replace("\n", self._delimiter).split(self._delimiter))
        width = len(self._header)
        return {name: cells[place:-1:width] for place, name in enumerate(self._header)}

    def cells(self, column: str) -> Sequence[str]:
        """Return the cells of a column as texts. Of a few columns, this is quicker than `columns`."""
        starts, lengths = self._places(column)
        longest = int(lengths.max())
        if longest > _LONGEST_CELL:
            return self.columns[column]
        parts = self._parts(starts, lengths, max(longest, 1))
        # NumPy leaves out the zeros behind a text. No text has a zero, and no cell a newline.
        cells = parts.view(f"S{_WORD * parts.shape[1]}").ravel().tolist()
        return self._unescape(b"\n".join(cells).decode().split("\n"))

    def plain_ids(self, column: str) -> PlainIds | None:
        """Return the cells of a column as IDs; ``None`` if one is empty, too long, or has other signs."""
        starts, lengths = self._places(column)
        longest = int(lengths.max())
        if longest > min(LOAN_ID_LENGTH, _LONGEST_CELL) or not lengths.all():
            return None
        return PlainIds.of(self._parts(starts, lengths, longest).view(np.uint8))

    def _parts(self, starts: Ints, lengths: Ints, longest: int) -> Words:
        """Return the bytes of each cell, eight in a word, zeros behind its end."""
        offsets = range(0, longest, _WORD)
        return np.stack([_part(self._words, starts, lengths, offset) for offset in offsets], axis=1)

    def _unescape(self, cells: list[str]) -> list[str]:
        return [*map(unescape_formula, cells)] if b"'" in self._content else cells

    def _places(self, column: str) -> tuple[Ints, Ints]:
        """Return the position of each cell of a column, and its length in bytes."""
        place = self._header.index(column)
        starts = self._ends[place - 1] + 1 if place else self._first_starts
        return starts, self._ends[place] - starts

    @functools.cached_property
    def _words(self) -> Words:
        """The eight bytes from each position on."""
        content = self._content + bytes(_LONGEST_CELL + _WORD)
        return np.ndarray(len(content) - _WORD, dtype="<u8", buffer=content, strides=(1,))

    def take(self, chosen: Sequence[bool]) -> "PlainBlock":
        """Return the chosen rows, at least one."""
        content = b"\n".join(compress(self._content.split(b"\n"), chosen)) + b"\n"
        ends = _marks(content, self._delimiter).reshape(-1, len(self._header))
        return PlainBlock([*compress(self.lines, chosen)], content, ends, self._header, self._delimiter)

    def values(self, schema: Schema) -> dict[str, Categorical | Floats] | None:
        """Return the columns as `Categorical` and arrays, or ``None`` if a cell is not plain or not valid.

        Missing values are ``None`` and NaN; a column that the file does not have is all missing.
        """
        if not self._content.isascii():
            return None
        columns: dict[str, Categorical | Floats] = {}
        for feature in schema.features:
            if feature.column not in self._header:
                columns[feature.column] = _absent(feature, len(self.lines))
                continue
            cells = self._places(feature.column)
            if feature.kind is Kind.CATEGORY:
                values: Categorical | Floats | None = _categories(feature, self._words, *cells)
            else:
                values = self._numbers(feature, *cells)
            if values is None:
                return None
            columns[feature.column] = values
        return columns

    def _numbers(self, feature: Feature, starts: Ints, lengths: Ints) -> Floats | None:
        word = self._words[starts]
        value, valid = _digits(word, lengths)
        valid &= _allowed(feature, value)
        empty = lengths == 0
        if feature.optional and empty.any():
            value[empty] = np.nan
            valid |= empty
        rest = np.flatnonzero(~valid)
        for read in (_whole_numbers, _decimals):
            if len(rest):
                value[rest], valid = read(feature, word[rest], lengths[rest])
                rest = rest[~valid]
        if len(rest):
            places = zip(starts[rest].tolist(), (starts + lengths)[rest].tolist(), strict=True)
            texts = [self._content[start:end].decode() for start, end in places]
            numbers = _long_decimals(feature, texts)
            if numbers is None:
                numbers = _other_numbers(feature, texts)
            if numbers is None:
                return None
            value[rest] = numbers
        return value


def _marks(content: bytes, delimiter: str) -> Ints:
    """Return the position behind each cell."""
    characters = np.frombuffer(content, dtype=np.uint8)
    return np.flatnonzero((characters == ord(delimiter)) | (characters == _NEWLINE))


def _are_in_front(flags: Flags, places: Ints) -> bool:
    """Return True if `flags` is set in front of each place, and nowhere else."""
    return bool(np.count_nonzero(flags) == len(places) and flags[places - 1].all())


def _absent(feature: Feature, count: int) -> Categorical | Floats:
    if feature.kind is Kind.NUMBER:
        return np.full(count, np.nan)
    return Categorical([None], np.zeros(count, dtype=np.int8))


def _categories(feature: Feature, words: Words, starts: Ints, lengths: Ints) -> Categorical | None:
    """Compare the cells with every choice, eight bytes at a time."""
    part = functools.cache(functools.partial(_part, words, starts, lengths))
    code = np.zeros(len(starts), dtype=np.int8)  # choices count from 1; no two choices are equal
    for number, value in enumerate(feature.values, 1):
        text = str(value).encode()
        is_choice = part(0) == _u(int.from_bytes(text[:_WORD], "little"))
        if len(text) >= _WORD:  # a shorter choice is followed by zeros, which no text contains
            is_choice &= lengths == len(text)
        for offset in range(_WORD, len(text), _WORD):
            is_choice &= part(offset) == _u(int.from_bytes(text[offset : offset + _WORD], "little"))
        code += is_choice.view(np.int8) * np.int8(number)
    if feature.optional:
        code += (lengths == 0).view(np.int8) * np.int8(len(feature.values) + 1)
    choices = [*map(str, feature.values), None]
    return Categorical(choices, code - np.int8(1)) if code.all() else None


def _part(words: Words, starts: Ints, lengths: Ints, offset: int) -> Words:
    """Return the eight bytes of each cell from `offset` on, zeros behind its end."""
    behind = np.minimum(starts + offset, len(words) - 1) if offset else starts
    # `take` with bounds that are clipped is quicker than to clip the lengths first.
    part: Words = words[behind] & _FIRST_BYTES.take(lengths - offset if offset else lengths, mode="clip")
    return part


def _whole_numbers(feature: Feature, word: Words, lengths: Ints) -> tuple[Floats, Flags]:
    """Read whole numbers, with or without ``.0``; return values and flags of valid cells."""
    before = np.clip(lengths - 2, 0, _WORD - 2).astype(np.uint64) * _u(8)
    pointed = (lengths > 2) & (lengths <= _WORD) & ((word >> before) & _u(0xFFFF) == _u(_POINT_ZERO))
    value, valid = _digits(word, lengths - 2 * pointed)
    return value, valid & _allowed(feature, value)


def _decimals(feature: Feature, word: Words, lengths: Ints) -> tuple[Floats, Flags]:
    """Read decimals of up to eight characters; return values and flags of valid cells.

    The digits as a whole number and the power of ten to divide by are exact doubles. So their quotient is the
    double nearest to the decimal, which is also the result of `float`.
    """
    marked = (word & _FIRST_BYTES[np.clip(lengths, 0, _WORD)]) ^ _POINTS
    points: Words = (marked - _ONES) & ~marked & _TOP_BITS
    first = points & (~points + _u(1))
    before: Words = (first >> _u(7)) - _u(1)  # the bytes in front of the first point
    value, valid = _digits((word & before) | ((word >> _u(8)) & ~before), lengths - 1)
    behind = lengths - 1 - np.searchsorted(_POINT_PLACES, first)
    valid &= (first != 0) & (lengths > 1) & (lengths <= _WORD)
    value /= _POWERS[np.where(valid, behind, 0)]
    return value, valid & _allowed(feature, value)


def _long_decimals(feature: Feature, texts: Sequence[str]) -> Floats | None:
    """Read decimals of any length together; ``None`` if one of the texts is no decimal or is not allowed.

    Of texts without other characters, `float` accepts exactly those that `from_text` accepts.
    """
    if not _OF_DECIMALS.issuperset("".join(texts)):
        return None
    try:
        value: Floats = np.array([*map(float, texts)]) + 0.0  # -0.0 becomes 0.0
    except ValueError:
        return None
    return value if _allowed(feature, value).all() else None


def _other_numbers(feature: Feature, texts: Sequence[str]) -> Floats | None:
    """Read texts one by one; ``None`` if one of them is invalid."""
    try:
        numbers = [from_text(feature, text) for text in texts]
    except InvalidValue:
        return None
    return np.array([np.nan if number is None else number for number in numbers], dtype=np.float64)


def _digits(word: Words, lengths: Ints) -> tuple[Floats, Flags]:
    """Read one to eight digits at once; return values and flags of cells of digits only.

    The digits are shifted so that the last digit is in the highest byte.
    """
    # XOR turns an ASCII digit into 0 to 9. In ASCII text no addition below carries into the next byte.
    digits = word << _SHIFTS.take(lengths, mode="clip")
    digits ^= _DIGIT_ZEROS.take(lengths, mode="clip")
    tops = digits + _OVER_NINE
    tops &= _TOP_BITS
    valid: Flags = tops == 0
    return _eight_digits(digits), valid


def _eight_digits(digits: Words) -> Floats:
    """Combine eight digits to a number: first pairs, then fours, then all eight.

    References
    ----------
    D. Lemire, "Quickly parsing eight digits", 2018.
    """
    pairs = digits * _u(10)
    pairs += digits >> _u(8)
    mask = _u(0x000000FF000000FF)
    upper = pairs & mask
    upper *= _u(100 + (1_000_000 << 32))
    pairs >>= _u(16)
    pairs &= mask
    pairs *= _u(1 + (10_000 << 32))
    upper += pairs
    upper >>= _u(32)
    return upper.astype(np.float64)


def _allowed(feature: Feature, value: Floats) -> Flags:
    if feature.choices:
        choices: Flags = np.logical_or.reduce([value == choice for choice in feature.values])
        return choices
    if feature.special:
        return _within(feature, value) | np.isin(value, [code for code, _ in feature.special])
    return _within(feature, value)


def _within(feature: Feature, value: Floats) -> Flags:
    low, high = (math.nan if bound is None else bound for bound in (feature.minimum, feature.maximum))
    above_low: Flags = value > feature.above if feature.above is not None else value >= low
    return above_low & (value <= high)
