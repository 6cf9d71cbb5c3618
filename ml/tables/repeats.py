"""Find Loan_IDs that a file contains more than once, among millions of rows."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.applications.error_texts import is_error_text, may_hold_errors
from ml.applications.types import Ints
from ml.applications.values import compose_nfc, stripped
from ml.tables.plain_ids import PlainIds

_BYTES = 16  # of a digest; two texts with the same digest are not to be expected
_NONE = bytes(_BYTES)
_NOT_ASCII = 0x80
_ODD = np.uint64(0x9E3779B97F4A7C15)  # spreads the ends of IDs, whose beginnings are often the same

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
        """Add rows with their lines. Rows without a Loan_ID, or with an error there, repeat no other row."""
        self._digests.append(_digests(loan_ids))
        self._lines.append(np.asarray(lines, dtype=np.uint32))

    def pairs(self) -> Lines:
        """Return, for each repeated row, its line and the line of another row with the same Loan_ID."""
        if not self._digests:
            return np.empty((0, 2), dtype=np.uint32)
        digests, lines = np.concatenate(self._digests), np.concatenate(self._lines)
        rows = _candidates(digests)
        rows = rows[np.lexsort((digests[rows, 0], digests[rows, 1]))]  # equal ones in file order
        pairs = np.column_stack([lines[rows], _others(digests[rows], lines[rows])])
        pairs = pairs[pairs[:, 1] > 0]
        return pairs[np.argsort(pairs[:, 0])]


def repeated_expectation(place: str, line: int) -> str:
    """Describe the fault of a repeated Loan_ID by the place of another row that has it."""
    return f"not repeated: it is also in {place} {line:,}"


def _digests(loan_ids: Sequence[str]) -> NDArray[np.uint64]:
    """Return the digest of each ID, shape (n, 2)."""
    if isinstance(loan_ids, PlainIds) and max(map(len, loan_ids.encoded), default=0) <= _BYTES:
        digests = np.array(loan_ids.encoded, dtype=f"S{_BYTES}").tobytes()
    else:
        digests = b"".join(map(_digest, _compared(loan_ids)))
    return np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2)


def _compared(loan_ids: Sequence[str]) -> Sequence[str]:
    """Return texts that are equal where Loan_IDs are; empty ones for the errors of a spreadsheet."""
    joined = "".join(loan_ids)
    texts = [*map(stripped, loan_ids if joined.isascii() else map(compose_nfc, loan_ids))]
    if may_hold_errors(joined):
        return ["" if is_error_text(text) else text for text in texts]
    return texts


def _digest(loan_id: str) -> bytes:
    """Return a short ID of letters and digits itself, and of another one a digest that is no such ID."""
    if len(loan_id) <= _BYTES and loan_id.isascii() and loan_id.isalnum():
        return loan_id.encode().ljust(_BYTES, b"\0")
    if not loan_id:
        return _NONE
    first, *others = hashlib.blake2b(loan_id.encode(), digest_size=_BYTES).digest()
    return bytes([first | _NOT_ASCII, *others])


def _candidates(digests: NDArray[np.uint64]) -> Ints:
    """Return the rows that share a number of 64 bits, made of their digest, with another: usually few."""
    words = digests[:, 0] + digests[:, 1] * _ODD
    ordered = np.sort(words)
    shared = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.flatnonzero(np.isin(words, shared) & digests.any(axis=1))


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
