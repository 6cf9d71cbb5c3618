"""Numbers as pages and documents write them. They are text, so that no locale changes them."""

from collections.abc import Mapping
from decimal import Decimal

_GAP = "\N{NO-BREAK SPACE}"  # a number stays with its unit, and an interval in one line


def signed(value: float, digits: int = 2) -> str:
    """Write a number with its sign, which nothing but zero is without."""
    text = f"{value:+.{digits}f}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def percent(share: float, digits: int = 1) -> str:
    """Write a share as a percentage."""
    return f"{100 * share:.{digits}f}{_GAP}%"


def exact_percent(share: float) -> str:
    """Write a share in percent with all of its digits and without the sign."""
    return f"{(100 * Decimal(repr(share))).normalize():f}"


def interval(low: str, high: str) -> str:
    """Write both ends of an interval."""
    return f"{low}{_GAP}to{_GAP}{high}"


def percent_interval(low: float, high: float) -> str:
    """Write an interval of shares as percentages."""
    return interval(f"{100 * low:.1f}", percent(high))


def mean_interval(figure: Mapping[str, float], digits: int = 3) -> str:
    """Write a figure with its interval, which only the calibration error is without."""
    mean = f"{figure['mean']:.{digits}f}"
    if "low" not in figure:
        return mean
    ends = interval(f"{figure['low']:.{digits}f}", f"{figure['high']:.{digits}f}")
    return f"{mean} ({ends})"


def signed_interval(figure: Mapping[str, float], digits: int = 4) -> str:
    """Write a difference with its interval."""
    ends = interval(signed(figure["low"], digits), signed(figure["high"], digits))
    return f"{signed(figure['mean'], digits)} ({ends})"


def rate(found: Mapping[str, float | None]) -> str:
    """Write a rate of `ml.evaluation.fairness.rate` with its interval."""
    value, low, high = found["value"], found["low"], found["high"]
    if value is None or low is None or high is None:
        return "no rows"
    return f"{percent(value)} ({percent_interval(low, high)})"
