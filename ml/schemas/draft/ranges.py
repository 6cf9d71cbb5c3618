"""Bounds, decimals, bands and special codes of a number."""

import math
from collections.abc import Sequence

import numpy as np

from ml.applications.types import Floats

_CODES = (-1, -2, -3, -4, -5, -6, -7, -8, -9, -88, -97, -98, -99, -997, -998, -999, -9999, -99999, -999999)
_NINES = tuple(10**digits - 1 for digits in range(2, 10))
_MOST_CODES = 4
_FEWEST_CODED = 5  # rows
_SHARE_CODED = 0.005


def special_codes(numbers: Floats) -> list[int]:
    """Return the numbers that look like codes for "no value".

    They come often, and either are the only negative numbers, or are nines more than twice as large as all
    other numbers.

    Parameters
    ----------
    numbers : ndarray of shape (n,)
        Without NaN.
    """
    values, counts = np.unique(numbers, return_counts=True)
    count = dict(zip(values.tolist(), counts.tolist(), strict=True))
    enough = max(_FEWEST_CODED, _SHARE_CODED * len(numbers))
    negative = [value for value in count if value < 0]
    codes = [int(value) for value in negative if value in _CODES]
    if len(codes) != len(negative) or len(codes) > _MOST_CODES or sum(count[v] for v in negative) < enough:
        codes = []
    rest = values[~np.isin(values, codes)]
    for nines in sorted(_NINES, reverse=True):
        below = rest[rest < nines]
        if (
            len(below) > 2
            and rest[-1] == nines
            and count[nines] >= enough
            and nines > 2 * max(below[-1], -below[0])
        ):
            codes.append(nines)
            rest = below
    return codes if len(rest) > 2 else []


def bounds(numbers: Floats) -> tuple[float, float]:
    """Return a lower and an upper bound with room for values that have not come yet.

    The lower one is 0 for numbers that are never negative. Otherwise bounds are 1, 2 or 5 times a power of
    ten, at least twice as far from 0 as the values seen.

    Examples
    --------
    >>> bounds(np.array([250.0, 18424.0])), bounds(np.array([-3.0, 0.5]))
    ((0, 50000), (-10, 1))
    """
    low, high = float(numbers.min()), float(numbers.max())
    return (0 if low >= 0 else -_roomy(-low)), (_roomy(high) if high > 0 else 0 if low < 0 else 1)


def _roomy(size: float) -> float:
    exponent = math.floor(math.log10(2 * size))
    steps = (step * 10.0**power for power in (exponent, exponent + 1) for step in (1, 2, 5))
    bound = min(1e15, next(step for step in steps if step >= 2 * size * (1 - 1e-12)))
    return int(bound) if bound >= 1 else float(f"{bound:.0e}")


def decimals(numbers: Floats) -> int | None:
    """Return the decimals that values have, up to four; ``None`` for more, as of a computed ratio.

    Noise behind the seventh digit, as numbers of 32 bits have it, does not count.
    """
    for places in range(5):
        if np.allclose(np.round(numbers, places), numbers, rtol=2e-7, atol=1e-12):
            return places
    return None


_AGES = (25, 40, 60)


def bands(numbers: Floats, *, ages: bool) -> list[float]:
    """Return where the values of a protected number are parted: ages at round numbers, others in thirds."""
    cuts: Sequence[float] = (
        _AGES if ages else np.unique(np.round(np.quantile(numbers, [1 / 3, 2 / 3]), 2)).tolist()
    )
    return [_plain(cut) for cut in cuts if numbers.min() < cut <= numbers.max()]


def _plain(number: float) -> float:
    return int(number) if float(number).is_integer() else float(number)
