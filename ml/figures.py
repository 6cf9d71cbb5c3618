"""Numbers as pages and documents write them. They are text, so that no locale changes them."""

import math
from collections.abc import Mapping
from decimal import Decimal

METRIC_LABELS = {
    "accuracy": "accuracy",
    "roc_auc": "ROC-AUC",
    "log_loss": "log loss",
    "brier": "Brier",
    "ece": "ECE",
}
LOWER_IS_BETTER = ("log_loss", "brier", "ece")
HEADLINE_METRICS = ("log_loss", "roc_auc", "accuracy")
_GAP = "\N{NO-BREAK SPACE}"  # keeps an interval on one line


def signed_text(value: float, digits: int = 2) -> str:
    """Write a number with its sign. Zero has none."""
    text = f"{value:+.{digits}f}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def percent_text(share: float, digits: int = 1) -> str:
    """Write a share as a percentage."""
    return f"{100 * share:.{digits}f}%"


def exact_percent_text(share: float) -> str:
    """Write a share in percent with all of its digits, without the percent sign."""
    return f"{(100 * Decimal(repr(share))).normalize():f}"


def interval_text(low: str, high: str) -> str:
    """Write both ends of an interval."""
    return f"{low}{_GAP}to{_GAP}{high}"


def percent_interval_text(low: float, high: float) -> str:
    """Write an interval of shares as percentages."""
    return interval_text(percent_text(low), percent_text(high))


def mean_interval_text(figure: Mapping[str, float], digits: int = 3) -> str:
    """Write a figure with its interval, which only the calibration error is without."""
    mean = f"{figure['mean']:.{digits}f}"
    if "low" not in figure:
        return mean
    ends = interval_text(f"{figure['low']:.{digits}f}", f"{figure['high']:.{digits}f}")
    return f"{mean} ({ends})"


def signed_interval_text(figure: Mapping[str, float], digits: int = 4) -> str:
    """Write a difference with its interval."""
    ends = interval_text(signed_text(figure["low"], digits), signed_text(figure["high"], digits))
    return f"{signed_text(figure['mean'], digits)} ({ends})"


def rate_text(found: Mapping[str, float | None]) -> str:
    """Write a rate of `ml.evaluation.fairness.rate_with_interval` with its interval."""
    value, low, high = found["value"], found["low"], found["high"]
    if value is None or low is None or high is None:
        return "no rows"
    return f"{percent_text(value)} ({percent_interval_text(low, high)})"


def metric_title(metric: str) -> str:
    """Return the name of a figure as a heading has it."""
    name = METRIC_LABELS[metric]
    return name[0].upper() + name[1:]


def describe_difference(metric: str, gap: Mapping[str, float]) -> str:
    """Say what a difference means: that of a figure with the protected columns minus without.

    Parameters
    ----------
    gap : mapping
        ``{"mean", "low", "high"}``, the ends those of its 95% interval.
    """
    if gap["low"] <= 0 <= gap["high"]:
        return "no measurable difference"
    better = (gap["mean"] < 0) == (metric in LOWER_IS_BETTER)
    return "better with them" if better else "worse with them"


# Under so many rows an interval spans a third of the scale: such a group is counted, not compared.
MIN_ROWS_FOR_RATE = 30
_Z = 1.959963984540054  # 97.5% of the standard normal distribution lie below


def wilson_interval(share: float, rows: int) -> tuple[float, float]:
    """Return the 95% Wilson interval of a share seen in `rows` rows.

    Parameters
    ----------
    share : float
        From 0 to 1.
    rows : int
        At least 1.

    References
    ----------
    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
    American Statistical Association 22, 1927.
    """
    if rows < 1:
        raise ValueError(f"rows is a whole number of at least 1, not {rows!r}.")
    spread = _Z * _Z / rows
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
