"""IDs of letters and digits alone, kept as bytes: they are valid, and stand in a CSV as they are."""

from collections.abc import Iterator, Sequence
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray


class PlainIds(Sequence[str]):
    """A sequence of IDs.

    Attributes
    ----------
    encoded : list of bytes
        The IDs in ASCII.

    Examples
    --------
    >>> PlainIds([b"LP1", b"LP2"])[1]
    'LP2'
    """

    def __init__(self, encoded: list[bytes]) -> None:
        self.encoded = encoded

    @classmethod
    def of(cls, cells: NDArray[np.uint8]) -> Self | None:
        """Return IDs from their bytes, shape (n, width), zeros behind each; ``None`` if one has other signs.

        No ID may be empty.
        """
        encoded = cells.view(f"S{cells.shape[1]}").ravel().tolist()
        return cls(encoded) if not encoded or b"".join(encoded).isalnum() else None

    def __len__(self) -> int:
        return len(self.encoded)

    @overload
    def __getitem__(self, row: int) -> str: ...

    @overload
    def __getitem__(self, row: slice) -> "PlainIds": ...

    def __getitem__(self, row: int | slice) -> "str | PlainIds":
        return PlainIds(self.encoded[row]) if isinstance(row, slice) else self.encoded[row].decode()

    def __iter__(self) -> Iterator[str]:
        return iter(b"\n".join(self.encoded).decode().split("\n") if self.encoded else ())
