"""Collect the cells of a column of a table in little memory, and tell numbers, gaps and texts apart."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.applications.number_texts import has_exponent, is_decimal
from ml.applications.types import Flags, Floats
from ml.expressions.sizes import LARGEST
from ml.schemas.features import MISSING_TEXT
from ml.tables.safe_csv import unescape_formula

Codes = NDArray[np.int64]

FEW = 2_000  # a column with more different texts keeps numbers and hashes, not texts
_FREQUENT = 5


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one column of n rows.

    Attributes
    ----------
    numbers : ndarray of shape (n,)
        NaN where the cell is no number.
    gaps : ndarray of bool, shape (n,)
        Where the cell means a missing value.
    codes : ndarray of int, shape (n,)
        Equal for equal texts.
    distinct : int
        Different values, gaps apart.
    texts : mapping of str to int
        Cells that are neither numbers nor gaps with their rows, the most frequent first: all of them, unless
        there are more than `FEW` different ones.
    numerals : tuple of str
        Texts of numbers, as far as they were kept.
    by_code : tuple of str or None
        The text of each code, ``None`` for a gap; empty if `many`.
    many : bool
        Whether the column has more different texts than were kept.
    frequent : tuple of (str, int)
        The most frequent values.
    gap_texts : tuple of str
        The texts that mean a missing value.
    exponents : bool
        Whether a number has an exponent.
    longest : int
        Length of the longest cell.
    printable : bool
        Whether every character of every cell can be printed.
    """

    numbers: Floats
    gaps: Flags
    codes: Codes
    distinct: int
    texts: Mapping[str, int]
    numerals: tuple[str, ...]
    by_code: tuple[str | None, ...]
    many: bool
    frequent: tuple[tuple[str, int], ...]
    gap_texts: tuple[str, ...]
    exponents: bool
    longest: int
    printable: bool

    @property
    def present(self) -> int:
        """Cells that are no gaps."""
        return len(self.gaps) - int(self.gaps.sum())

    @property
    def number_count(self) -> int:
        """Cells that are numbers."""
        return int((~np.isnan(self.numbers)).sum())

    @property
    def is_unique(self) -> bool:
        """Whether no value is missing or comes twice."""
        return self.distinct == len(self.gaps)


class CellCollector:
    """Takes the cells of a column block by block."""

    def __init__(self) -> None:
        self._index: defaultdict[str, int] = _counting_index()
        self._codes: list[Codes] = []
        self._numbers: list[Floats] = []
        self._hashes: list[Codes] = []
        self._texts: dict[int, str] = {}
        self._numerals: dict[int, str] = {}
        self._gap_texts: set[str] = set()
        self._many, self._longest, self._printable, self._exponents = False, 0, True, False

    def add(self, texts: Sequence[str]) -> None:
        """Take the next rows' cells."""
        if self._many and self._keep_decimals(texts):
            return
        index = _counting_index() if self._many else self._index
        codes = np.fromiter(map(index.__getitem__, texts), np.int64, len(texts))
        if self._many:
            self._keep(list(index), codes)
            return
        self._codes.append(codes)
        if len(index) > FEW:
            self._many = True
            self._keep(list(index), np.concatenate(self._codes))
            self._index, self._codes = _counting_index(), []

    def _keep_decimals(self, texts: Sequence[str]) -> bool:
        """Keep cells that are all decimals or empty; return False for others, which take longer."""
        lines = "\n".join(texts)
        if lines.count("\n") >= len(texts) or not _DECIMALS.fullmatch(lines):
            return False
        numbers = np.fromiter((float(text) if text else _NO_NUMBER for text in texts), np.float64, len(texts))
        if (np.abs(numbers) > LARGEST).any():
            return False
        self._numbers.append(numbers)
        self._hashes.append(np.fromiter(map(hash, texts), np.int64, len(texts)))
        self._longest = max(self._longest, *map(len, texts))
        if np.isnan(numbers).any():
            self._gap_texts.add("")
        return True

    def _keep(self, texts: Sequence[str], codes: Codes) -> None:
        """Keep a number and a hash for each row, and the first different texts."""
        cleaned = [unescape_formula(text).strip() for text in texts]
        hashes = [_GAP if text in MISSING_TEXT else hash(text) for text in cleaned]
        numbers = [_number(text) for text in cleaned]
        for text, hashed, number in zip(cleaned, hashes, numbers, strict=True):
            kept = self._texts if number is _NO_NUMBER else self._numerals
            if hashed != _GAP and len(kept) <= FEW:
                kept[hashed] = text
        self._gap_texts |= MISSING_TEXT.intersection(cleaned)
        self._exponents = self._exponents or any(map(has_exponent, cleaned))
        self._longest = max(self._longest, *map(len, cleaned))
        self._printable = self._printable and all(map(str.isprintable, cleaned))
        self._numbers.append(np.array(numbers)[codes])
        self._hashes.append(np.array(hashes, dtype=np.int64)[codes])

    def cells(self) -> Cells:
        """Return what was collected; nothing can be added afterwards."""
        if not self._many:
            self._keep(list(self._index), np.concatenate(self._codes))
        hashes, numbers = np.concatenate(self._hashes), np.concatenate(self._numbers)
        self._hashes, self._numbers = [], []
        levels, codes, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        texts, numerals = (_counted(kept, levels, counts) for kept in (self._texts, self._numerals))
        by_count = sorted((texts | numerals).items(), key=lambda pair: (-pair[1], pair[0]))
        known = self._texts | self._numerals
        return Cells(
            numbers=numbers,
            gaps=hashes == _GAP,
            codes=codes,
            distinct=int((levels != _GAP).sum()),
            texts=texts,
            numerals=tuple(numerals),
            by_code=() if self._many else tuple(map(known.get, levels.tolist())),
            many=self._many,
            frequent=tuple(by_count[:_FREQUENT]),
            gap_texts=tuple(sorted(self._gap_texts)),
            exponents=self._exponents,
            longest=self._longest,
            printable=self._printable,
        )


_DECIMALS = re.compile(r"(?:(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))?(?:\n|\Z))*+")
_GAP = hash("")
_NO_NUMBER = float("nan")


def _number(text: str) -> float:
    """Return the number of a cell, or the one `_NO_NUMBER`."""
    if not (is_decimal(text) or has_exponent(text)):
        return _NO_NUMBER
    number = float(text)
    return number if -LARGEST <= number <= LARGEST else _NO_NUMBER


def _counted(kept: Mapping[int, str], levels: Codes, counts: Codes) -> dict[str, int]:
    """Return texts with their rows, the most frequent first."""
    places = np.searchsorted(levels, np.fromiter(kept, np.int64, len(kept)))
    pairs = zip(kept.values(), counts[places].tolist(), strict=True)
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def _counting_index() -> defaultdict[str, int]:
    """Return a dictionary that numbers its keys in the order in which they are first asked for."""
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__
    return index
