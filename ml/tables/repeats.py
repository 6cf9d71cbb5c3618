"""Find Loan_IDs that a file contains more than once, among millions of rows."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.applications.types import Ints
from ml.applications.values import compose_nfc, stripped

_BYTES = 16  # of a digest; two texts with the same digest are not to be expected
_NONE = bytes(_BYTES)

Lines = NDArray[np.uint32]


class RepeatedLoanIds:
    """Collects the Loan_IDs of a file in order, 20 bytes per row.

    Examples
    --------
    >>> repeated = RepeatedLoanIds()
    >>> repeated.add([2, 3, 4], ["LP-1", "LP-2", "LP-1"])
    >>> repeated.pairs().tolist()
    [[2, 4], [4, 2]]
    """

    def __init__(self) -> None:
        self._digests: list[NDArray[np.uint64]] = []
        self._lines: list[Lines] = []

    def add(self, lines: Sequence[int], loan_ids: Sequence[str]) -> None:
        """Add rows with their lines. Rows without a Loan_ID never repeat another row."""
        if not "".join(loan_ids).isascii():
            loan_ids = [*map(compose_nfc, loan_ids)]
        digests = b"".join([_digest(stripped(loan_id)) for loan_id in loan_ids])
        self._digests.append(np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2))
        self._lines.append(np.asarray(lines, dtype=np.uint32))

    def pairs(self) -> Lines:
        """Return, for each repeated row, its line and the line of another row with the same Loan_ID."""
        if not self._digests:
            return np.empty((0, 2), dtype=np.uint32)
        digests, lines = np.concatenate(self._digests), np.concatenate(self._lines)
        rows = _candidates(digests[:, 0])
        rows = rows[np.lexsort((digests[rows, 0], digests[rows, 1]))]  # equal ones in file order
        pairs = np.column_stack([lines[rows], _others(digests[rows], lines[rows])])
        pairs = pairs[pairs[:, 1] > 0]
        return pairs[np.argsort(pairs[:, 0])]


def repeated_expectation(place: str, line: int) -> str:
    """Describe the fault of a repeated Loan_ID by the place of another row that has it."""
    return f"not repeated: it is also in {place} {line:,}"


def _digest(loan_id: str) -> bytes:
    return hashlib.blake2b(loan_id.encode(), digest_size=_BYTES).digest() if loan_id else _NONE


def _candidates(words: NDArray[np.uint64]) -> Ints:
    """Return the rows that share the first half of their digest with another row: usually few."""
    ordered = np.sort(words)
    shared = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.flatnonzero(np.isin(words, shared[shared != 0]))


def _others(digests: NDArray[np.uint64], lines: Lines) -> Lines:
    """Return, for each row, the line of another row with an equal digest. Rows are sorted by digest.

    The other row is the first one with this digest; for the first one itself, the second. The line is 0 if no
    other row has the digest.
    """
    if not len(lines):
        return lines
    again = np.zeros(len(lines) + 1, dtype=bool)  # the digest is that of the row before
    again[1:-1] = (digests[1:] == digests[:-1]).all(axis=1)
    first = np.maximum.accumulate(np.where(again[:-1], 0, np.arange(len(lines))))
    following = np.append(lines[1:], np.uint32(0))
    return np.where(again[:-1], lines[first], np.where(again[1:], following, np.uint32(0)))
