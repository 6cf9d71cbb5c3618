"""A column of categories by their numbers: what is done once per choice instead of once per row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Categories(Sequence[str | None]):
    """The value of each row is `choices[codes[row]]`."""

    def __init__(self, choices: Sequence[str | None], codes: NDArray[np.integer[Any]]) -> None:
        self._choices, self._codes = list(choices), codes

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return Categories(self._choices, self._codes[place])
        return self._choices[self._codes[place]]

    def __contains__(self, value: object) -> bool:
        return value in self._choices and bool((self._codes == self._choices.index(value)).any())

    def __iter__(self) -> Iterator[str | None]:
        return map(self._choices.__getitem__, self._codes.tolist())

    def numbers(self, of: Mapping[str, float]) -> NDArray[np.float64]:
        """Return the number of each row's value, NaN where it has none, shape (n,)."""
        by_code = np.array([of.get(value or "", np.nan) for value in self._choices], dtype=np.float64)
        return by_code.take(self._codes)
