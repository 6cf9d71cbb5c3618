"""What to call a figure, and what a difference in it says."""

from collections.abc import Mapping

from ml.reports.report import COLUMNS

LOWER_IS_BETTER = ("log_loss", "brier", "ece")


def title(metric: str) -> str:
    """Return the name of a figure as a heading has it."""
    name = COLUMNS[metric]
    return name[0].upper() + name[1:]


def verdict(metric: str, gap: Mapping[str, float]) -> str:
    """Say what a difference means: that of a figure with the protected columns minus without.

    Parameters
    ----------
    gap : mapping
        ``{"mean", "low", "high"}``, the ends those of its 95 % interval.
    """
    if gap["low"] <= 0 <= gap["high"]:
        return "no measurable difference"
    better = (gap["mean"] < 0) == (metric in LOWER_IS_BETTER)
    return "better with them" if better else "worse with them"
