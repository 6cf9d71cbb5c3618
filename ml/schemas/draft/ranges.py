"""Bounds, decimals, bands and special codes of a number."""

import math
from collections.abc import Sequence

import numpy as np

from ml.applications.types import Floats
from ml.expressions.sizes import LARGEST

_LOW_CODES = {*range(-9, 0), -88, -97, -98, -99, -997, -998, -999, -9999, -99999, -999999}
_HIGH_CODES = {10**digits - below for digits in range(2, 10) for below in range(1, 5)} | {77, 88, 777, 888}
_MOST_CODES = 4
_FEWEST_CODED = 5  # rows
_SHARE_CODED = 0.001
_FAR = 2.0
_FEWEST_OTHERS = 3  # different values


def special_codes(numbers: Floats) -> list[int]:
    """Return the numbers that look like codes for "no value", such as -9 or 999.

    They are usual codes, come often, and are either the only negative numbers, or more than twice as large as
    all others.

    Parameters
    ----------
    numbers : ndarray of shape (n,)
        Without NaN.

    Examples
    --------
    >>> special_codes(np.array([0, 1, 2, 3, 7, 8, *[98] * 5, *[-1] * 5]))
    [-1, 98]
    """
    values, counts = np.unique(numbers, return_counts=True)
    rows = dict(zip(values.tolist(), counts.tolist(), strict=True))
    enough = max(_FEWEST_CODED, _SHARE_CODED * len(numbers))
    low = [value for value in rows if value < 0]
    if not _LOW_CODES.issuperset(low) or len(low) > _MOST_CODES or sum(map(rows.__getitem__, low)) < enough:
        low = []
    others = [value for value in rows if value not in low]
    high = _high_codes(others)
    if sum(map(rows.__getitem__, high)) < enough:
        high = []
    codes = [*map(int, low), *map(int, high)]
    return codes if len(rows) - len(codes) >= _FEWEST_OTHERS else []


def _high_codes(rising: Sequence[float]) -> Sequence[float]:
    """Return the codes at the end of rising numbers, if they are far above the rest."""
    for place in range(max(1, len(rising) - _MOST_CODES), len(rising)):
        if _HIGH_CODES.issuperset(rising[place:]) and rising[place] > _FAR * max(
            rising[place - 1], -rising[0]
        ):
            return rising[place:]
    return []


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
    bound = min(LARGEST, next(step for step in steps if step >= 2 * size * (1 - 1e-12)))
    return int(bound) if bound >= 1 else float(f"{bound:.0e}")


def decimals(numbers: Floats) -> int | None:
    """Return the decimals that values have, up to four; ``None`` for more, as of a computed ratio.

    Noise behind the seventh digit, as numbers of 32 bits have it, does not count.

    Examples
    --------
    >>> decimals(np.array([0.5, 12.25])), decimals(np.array([2e-13, 7e-13]))
    (2, None)
    """
    noise = min(1e-12, 2e-7 * float(np.abs(numbers).max()))
    for places in range(5):
        if np.allclose(np.round(numbers, places), numbers, rtol=2e-7, atol=noise):
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
