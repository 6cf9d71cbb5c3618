"""Collect the cells of a column of a table in little memory, and tell numbers, gaps and texts apart."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.applications.types import Flags, Floats
from ml.applications.values import has_exponent, is_decimal
from ml.schemas.features import LARGEST, MISSING_TEXT
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
    texts : Counter of str
        Cells that are neither numbers nor gaps: all of them, unless `many`; then the first `FEW` different.
    numerals : tuple of str
        Texts of numbers, as far as they were kept.
    by_code : tuple of str or None
        The text of each code; ``None`` for a gap, and for texts that were not kept.
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
    texts: Counter[str]
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
        self._kept: dict[int, str] = {}
        self._gap_texts: set[str] = set()
        self._many, self._longest, self._printable, self._exponents = False, 0, True, False

    def add(self, texts: Sequence[str]) -> None:
        """Take the next rows' cells."""
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

    def _keep(self, texts: Sequence[str], codes: Codes) -> None:
        """Keep a number and a hash for each row; the texts that belong to the first hashes are kept too."""
        cleaned = [unescape_formula(text).strip() for text in texts]
        hashes = [_GAP if text in MISSING_TEXT else hash(text) for text in cleaned]
        self._gap_texts |= MISSING_TEXT.intersection(cleaned)
        self._exponents = self._exponents or any(map(has_exponent, cleaned))
        self._longest = max(self._longest, *map(len, cleaned))
        self._printable = self._printable and all(map(str.isprintable, cleaned))
        if len(self._kept) <= FEW:
            self._kept.update(zip(hashes, cleaned, strict=True))
        self._numbers.append(np.array([_number(text) for text in cleaned])[codes])
        self._hashes.append(np.array(hashes, dtype=np.int64)[codes])

    def cells(self) -> Cells:
        """Return what was collected."""
        if not self._many and self._index:
            self._keep(list(self._index), np.concatenate(self._codes))
        hashes = np.concatenate(self._hashes) if self._hashes else np.zeros(0, np.int64)
        numbers = np.concatenate(self._numbers) if self._numbers else np.zeros(0)
        levels, codes, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        by_count = [
            (self._kept[level], count)
            for level, count in zip(levels.tolist(), counts.tolist(), strict=True)
            if level in self._kept and level != _GAP
        ]
        by_count.sort(key=lambda pair: (-pair[1], pair[0]))
        return Cells(
            numbers=numbers,
            gaps=hashes == _GAP,
            codes=codes,
            distinct=int((levels != _GAP).sum()),
            texts=Counter({text: count for text, count in by_count if _number(text) is _NO_NUMBER}),
            numerals=tuple(text for text, _ in by_count if _number(text) is not _NO_NUMBER),
            by_code=tuple(None if level == _GAP else self._kept.get(level) for level in levels.tolist()),
            many=self._many,
            frequent=tuple(by_count[:_FREQUENT]),
            gap_texts=tuple(sorted(self._gap_texts)),
            exponents=self._exponents,
            longest=self._longest,
            printable=self._printable,
        )


_GAP = 0
_NO_NUMBER = float("nan")


def _number(text: str) -> float:
    """Return the number of a cell, or the one `_NO_NUMBER`."""
    if not (is_decimal(text) or has_exponent(text)):
        return _NO_NUMBER
    number = float(text)
    return number if -LARGEST <= number <= LARGEST else _NO_NUMBER


def _counting_index() -> defaultdict[str, int]:
    """Return a dictionary that numbers its keys in the order in which they are first asked for."""
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__
    return index
