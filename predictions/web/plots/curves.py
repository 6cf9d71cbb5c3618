"""Curves of an evaluation: calibration and learning curve."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from ml.figures import (
    MIN_ROWS_FOR_RATE,
    mean_interval_text,
    percent_interval_text,
    percent_text,
    wilson_interval,
)

Metric = Mapping[str, float]
"""A mean with the ``low`` and ``high`` end of its interval, as a training report holds it."""


class ReliabilityRow(TypedDict):
    """A tenth of the probabilities: its ends, its rows, and both approval rates."""

    low: float
    high: float
    rows: int
    predicted: float
    observed: float


class LearningCurveRow(TypedDict):
    """Metrics of a model that was fitted on some of the training rows."""

    rows: int
    log_loss: Metric
    roc_auc: Metric
    accuracy: Metric


# Size of a plot and places of its axes, in units of the SVG view box.
WIDTH, HEIGHT = 360, 286
LEFT, RIGHT, TOP, BOTTOM = 44, 340, 28, 244


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale that draws values from `low` to `high` at places from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    unit: str = ""

    def at(self, value: float) -> str:
        return f"{self._place(value):.1f}{self.unit}"

    def ticks(self, values: Sequence[float], labels: Sequence[str]) -> list[Tick]:
        return [Tick(self.at(value), label) for value, label in zip(values, labels, strict=True)]

    def _place(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1)
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Frame:
    """Both axes of a plot with their ticks and names."""

    x: list[Tick]
    y: list[Tick]
    x_name: str
    y_name: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM

    @property
    def x_label(self) -> int:
        return self.bottom + 16


def round_steps(low: float, high: float) -> list[float]:
    """Return about five round values that cover the range from `low` to `high`."""
    min_step = (high - low or 1) / 4
    power = 10.0 ** math.floor(math.log10(min_step))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= min_step * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Point:
    """A dot of a curve with its interval, and the cells of its table row."""

    x: str
    y: str
    low: str
    high: str
    few: bool
    cells: list[str]


class Curve:
    """Points joined by a line in a frame."""

    def __init__(self, frame: Frame, points: list[Point]) -> None:
        self.frame = frame
        self.points = points
        self.line = " ".join(f"{point.x},{point.y}" for point in points)


class Reliability(Curve):
    """Observed and predicted approval rates by tenth of the probability."""

    def __init__(self, table: Sequence[ReliabilityRow]) -> None:
        x, y = Axis(0, 1, LEFT, RIGHT), Axis(0, 1, BOTTOM, TOP)
        shares = [0, 0.2, 0.4, 0.6, 0.8, 1]
        labels = [percent_text(share, 0) for share in shares]
        frame = Frame(x.ticks(shares, labels), y.ticks(shares, labels), "predicted", "observed")
        super().__init__(frame, [self._point(row, x, y) for row in table])

    @staticmethod
    def _point(row: ReliabilityRow, x: Axis, y: Axis) -> Point:
        low, high = wilson_interval(row["observed"], row["rows"])
        observed = f"{percent_text(row['observed'])} ({percent_interval_text(low, high)})"
        label = f"{percent_text(row['low'], 0)} to {percent_text(row['high'], 0)}"
        cells = [label, str(row["rows"]), percent_text(row["predicted"]), observed]
        places = (x.at(row["predicted"]), y.at(row["observed"]), y.at(low), y.at(high))
        return Point(*places, few=row["rows"] < MIN_ROWS_FOR_RATE, cells=cells)


class LearningCurve(Curve):
    """Log loss by number of training rows, with the log loss of the one rule as a reference line."""

    def __init__(self, table: Sequence[LearningCurveRow], rule: Mapping[str, Metric]) -> None:
        losses = [row["log_loss"] for row in table]
        steps = round_steps(
            min(rule["log_loss"]["mean"], *(loss["low"] for loss in losses)),
            max(rule["log_loss"]["mean"], *(loss["high"] for loss in losses)),
        )
        x = Axis(0, table[-1]["rows"] * 1.05, LEFT, RIGHT)
        y = Axis(steps[0], steps[-1], BOTTOM, TOP)
        rows = [row["rows"] for row in table]
        ticks = y.ticks(steps, _with_equal_digits(steps))
        frame = Frame(x.ticks(rows, [str(count) for count in rows]), ticks, "training rows", "log loss")
        super().__init__(frame, [self._point(row, x, y) for row in table])
        self.rule = Tick(y.at(rule["log_loss"]["mean"]), f"{rule['log_loss']['mean']:.3f}")
        self.rule_cells = [mean_interval_text(rule[name]) for name in ("log_loss", "roc_auc", "accuracy")]

    def _point(self, row: LearningCurveRow, x: Axis, y: Axis) -> Point:
        loss = row["log_loss"]
        metrics = (loss, row["roc_auc"], row["accuracy"])
        cells = [str(row["rows"]), *(mean_interval_text(metric) for metric in metrics)]
        places = (x.at(row["rows"]), y.at(loss["mean"]), y.at(loss["low"]), y.at(loss["high"]))
        return Point(*places, few=False, cells=cells)


def _with_equal_digits(steps: Sequence[float]) -> list[str]:
    digits = max(len(f"{step:g}".partition(".")[2]) for step in steps)
    return [f"{step:.{digits}f}" for step in steps]
