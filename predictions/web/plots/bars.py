"""Histogram of probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml.figures import percent_text
from predictions.reading.probability_bins import N_BINS

_HEIGHT = 140  # of the tallest bar, in pixels
_BASELINE = 188  # where bars start, in pixels


@dataclass(frozen=True, slots=True)
class Bar:
    """Number of rows in a range of probabilities.

    Lengths are strings: a locale must not change the decimal point.
    """

    span: str
    rows: str
    share: str
    at: str
    top: str
    height: str


def bars_of(bins: Sequence[int]) -> list[Bar]:
    """Return a bar for each bin of `predictions.reading.probability_bins`."""
    highest, rows = max(bins) or 1, sum(bins) or 1
    return [
        Bar(
            f"{100 * place // N_BINS}% to {100 * (place + 1) // N_BINS}%",
            f"{count:,}",
            percent_text(count / rows),
            f"{100 * place / N_BINS + 0.2:.1f}%",
            f"{_BASELINE - _HEIGHT * count / highest:.1f}",
            f"{_HEIGHT * count / highest:.1f}",
        )
        for place, count in enumerate(bins)
    ]
