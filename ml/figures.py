"""Numbers and intervals as text for pages and documents, independent of any locale."""

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
    """Return a number with its sign; zero has none.

    Examples
    --------
    >>> signed_text(0.256), signed_text(0.001)
    ('+0.26', '0.00')
    """
    text = f"{value:+.{digits}f}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def percent_text(share: float, digits: int = 1) -> str:
    """Return a share as a percentage.

    Examples
    --------
    >>> percent_text(0.9174)
    '91.7%'
    """
    return f"{100 * share:.{digits}f}%"


def exact_percent_text(share: float) -> str:
    """Return a share in percent with all of its digits, without the percent sign."""
    return f"{(100 * Decimal(repr(share))).normalize():f}"


def interval_text(low: str, high: str) -> str:
    """Return both ends of an interval as text that does not break."""
    return f"{low}{_GAP}to{_GAP}{high}"


def percent_interval_text(low: float, high: float) -> str:
    """Return an interval of shares as percentages."""
    return interval_text(percent_text(low), percent_text(high))


def mean_interval_text(metric: Mapping[str, float], digits: int = 3) -> str:
    """Return a mean with its interval; the calibration error has none."""
    mean = f"{metric['mean']:.{digits}f}"
    if "low" not in metric:
        return mean
    ends = interval_text(f"{metric['low']:.{digits}f}", f"{metric['high']:.{digits}f}")
    return f"{mean} ({ends})"


def signed_interval_text(metric: Mapping[str, float], digits: int = 4) -> str:
    """Return a difference with its interval, all with signs."""
    ends = interval_text(signed_text(metric["low"], digits), signed_text(metric["high"], digits))
    return f"{signed_text(metric['mean'], digits)} ({ends})"


def rate_text(rate: Mapping[str, float | None]) -> str:
    """Return a rate of `ml.evaluation.fairness.rate_with_interval` with its interval."""
    value, low, high = rate["value"], rate["low"], rate["high"]
    if value is None or low is None or high is None:
        return "no rows"
    return f"{percent_text(value)} ({percent_interval_text(low, high)})"


def metric_title(metric: str) -> str:
    """Return the name of a metric for a heading, with a capital letter."""
    name = METRIC_LABELS[metric]
    return name[0].upper() + name[1:]


def describe_difference(metric: str, difference: Mapping[str, float]) -> str:
    """Return in words whether a metric is better with the protected columns.

    Parameters
    ----------
    metric : str
        Key of the metric, such as ``log_loss``.
    difference : mapping
        Metric with the protected columns minus without: ``{"mean", "low", "high"}`` with a 95% interval.
    """
    if difference["low"] <= 0 <= difference["high"]:
        return "no measurable difference"
    better = (difference["mean"] < 0) == (metric in LOWER_IS_BETTER)
    return "better with them" if better else "worse with them"


# With fewer rows an interval spans a third of the scale: such a group is counted, but not compared.
MIN_ROWS_FOR_RATE = 30
Z_95 = 1.959963984540054  # 97.5% of the standard normal distribution is below


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

    Examples
    --------
    >>> low, high = wilson_interval(0.8, 50)
    >>> round(low, 3), round(high, 3)
    (0.67, 0.888)
    """
    if rows < 1:
        raise ValueError(f"rows must be a whole number of at least 1, not {rows!r}.")
    spread = Z_95 * Z_95 / rows
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
