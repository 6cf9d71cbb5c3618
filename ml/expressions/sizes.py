"""Bounds of the numbers that a formula can give. They keep it from leaving the doubles, whatever it reads."""

from collections.abc import Sequence
from typing import NamedTuple

from ml.errors import ExpressionError

# A cell nearer to 0 is read as 0, a larger one as missing: no double counts such numbers one by one.
SMALLEST, LARGEST = 1e-15, 1e15

_LIMITS = 1e-290, 1e290  # well within the doubles, so that rounding need not be counted


class Size(NamedTuple):
    """Bounds of a number that is neither 0 nor missing.

    Attributes
    ----------
    step : float
        The number is a multiple of a power of two that is not below `step`. So is a difference of two such
        numbers, even if they nearly cancel out.
    lowest, highest : float
        Bounds of its absolute value.
    """

    step: float
    lowest: float
    highest: float


def double_size(lowest: float, highest: float) -> Size:
    """Return the bounds of any double from `lowest` to `highest`; its last bit is at least 2**-53 of it."""
    return Size(lowest * 2.0**-53, lowest, highest)


def joint_size(sizes: Sequence[Size]) -> Size:
    """Return the bounds of a number that is any of several."""
    steps, lows, highs = zip(*sizes, strict=True)
    return Size(min(steps), min(lows), max(highs))


def size_of_result(operator: str, left: Size, right: Size) -> Size:
    """Return the bounds of a sum, difference, product or quotient.

    Raises
    ------
    ExpressionError
        If the divisor is always 0.
    """
    if operator == "*":
        return double_size(left.lowest * right.lowest, left.highest * right.highest)
    if operator == "/":
        if not right.highest:
            raise ExpressionError("The divisor is always 0; expected another number")
        return double_size(left.lowest / right.highest, left.highest / right.lowest)
    step = min(left.step, right.step)
    return Size(step, step, left.highest + right.highest)


def check_size(size: Size) -> None:
    """Raise `ExpressionError` if the number could overflow or underflow."""
    if size.lowest < _LIMITS[0] or size.highest > _LIMITS[1]:
        raise ExpressionError(
            f"The result can lie between {size.lowest:.0e} and {size.highest:.0e} in size; "
            f"expected one between {_LIMITS[0]:g} and {_LIMITS[1]:g} "
            f"for all numbers from {SMALLEST:g} to {LARGEST:g}"
        )
