"""Loan_IDs that stand in a file more than once, found among millions by their digests."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.applications.values import compose_nfc, stripped

_BYTES = 16  # of a digest: so many that no two texts share one
_NONE = bytes(_BYTES)

Lines = NDArray[np.uint32]


class RepeatedLoanIds:
    """Takes rows in their order, and keeps 20 bytes of each."""

    def __init__(self) -> None:
        self._digests: list[NDArray[np.uint64]] = []
        self._lines: list[Lines] = []

    def add(self, lines: Sequence[int], loan_ids: Sequence[str]) -> None:
        """Take some rows; those without a Loan_ID repeat none."""
        if not "".join(loan_ids).isascii():
            loan_ids = [*map(compose_nfc, loan_ids)]
        digests = b"".join([_digest(stripped(loan_id)) for loan_id in loan_ids])
        self._digests.append(np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2))
        self._lines.append(np.asarray(lines, dtype=np.uint32))

    def pairs(self) -> Lines:
        """Return a row of two for each that repeats: its line, and that of another with its Loan_ID."""
        digests, lines = np.concatenate(self._digests), np.concatenate(self._lines)
        rows = _candidates(digests[:, 0])
        rows = rows[np.lexsort((digests[rows, 0], digests[rows, 1]))]  # equal ones in the file's order
        pairs = np.column_stack([lines[rows], _others(digests[rows], lines[rows])])
        pairs = pairs[pairs[:, 1] > 0]
        return pairs[np.argsort(pairs[:, 0])]


def _digest(loan_id: str) -> bytes:
    return hashlib.blake2b(loan_id.encode(), digest_size=_BYTES).digest() if loan_id else _NONE


def _candidates(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the rows whose digest's first half is not theirs alone: few, as a rule."""
    ordered = np.sort(words)
    shared = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.flatnonzero(np.isin(words, shared[shared != 0]))


def _others(digests: NDArray[np.uint64], lines: Lines) -> Lines:
    """Return for each of some sorted rows the line of its group's first, for that one of its second."""
    if not len(lines):
        return lines
    again = np.zeros(len(lines) + 1, dtype=bool)  # a row has the digest of the one before it
    again[1:-1] = (digests[1:] == digests[:-1]).all(axis=1)
    first = np.maximum.accumulate(np.where(again[:-1], 0, np.arange(len(lines))))
    following = np.append(lines[1:], np.uint32(0))
    return np.where(again[:-1], lines[first], np.where(again[1:], following, np.uint32(0)))
