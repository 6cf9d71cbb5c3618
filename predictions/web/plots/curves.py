"""Curves of an evaluation: whether probabilities come true, and whether more rows would help."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.figures import (
    HEADLINE_METRICS,
    MIN_ROWS_FOR_RATE,
    mean_interval_text,
    percent_interval_text,
    percent_text,
    wilson_interval,
)

# A plot is this many units wide and high; its axes leave room for their labels.
WIDTH, HEIGHT = 360, 286
LEFT, RIGHT, TOP, BOTTOM = 44, 340, 28, 244


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `low` to `high`, drawn from `start` to `end`."""

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
    """Both axes with their ticks and names."""

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
    """Return about five round values, the first at or below `low`, the last at or above `high`."""
    rough = (high - low or 1) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Point:
    """A dot of a curve with the interval around it, and its row of the table."""

    x: str
    y: str
    low: str
    high: str
    few: bool
    cells: list[str]


class Curve:
    """Points on a frame."""

    def __init__(self, frame: Frame, points: list[Point]) -> None:
        self.frame = frame
        self.points = points
        self.line = " ".join(f"{point.x},{point.y}" for point in points)


class Reliability(Curve):
    """Observed beside predicted approval rate by tenths of the probability."""

    def __init__(self, table: Sequence[Mapping[str, Any]]) -> None:
        x, y = Axis(0, 1, LEFT, RIGHT), Axis(0, 1, BOTTOM, TOP)
        shares = [0, 0.2, 0.4, 0.6, 0.8, 1]
        labels = [percent_text(share, 0) for share in shares]
        frame = Frame(x.ticks(shares, labels), y.ticks(shares, labels), "predicted", "observed")
        super().__init__(frame, [self._point(row, x, y) for row in table])

    @staticmethod
    def _point(row: Mapping[str, Any], x: Axis, y: Axis) -> Point:
        low, high = wilson_interval(row["observed"], row["rows"])
        observed = f"{percent_text(row['observed'])} ({percent_interval_text(low, high)})"
        span = f"{percent_text(row['low'], 0)} to {percent_text(row['high'], 0)}"
        cells = [span, str(row["rows"]), percent_text(row["predicted"]), observed]
        place = (x.at(row["predicted"]), y.at(row["observed"]), y.at(low), y.at(high))
        return Point(*place, few=row["rows"] < MIN_ROWS_FOR_RATE, cells=cells)


class LearningCurve(Curve):
    """Log loss by number of rows, with the one rule's as a line to compare with."""

    def __init__(self, table: Sequence[Mapping[str, Any]], rule: Mapping[str, Any]) -> None:
        losses = [row["log_loss"] for row in table]
        steps = round_steps(
            min(rule["log_loss"]["mean"], *(loss["low"] for loss in losses)),
            max(rule["log_loss"]["mean"], *(loss["high"] for loss in losses)),
        )
        x = Axis(0, table[-1]["rows"] * 1.05, LEFT, RIGHT)
        y = Axis(steps[0], steps[-1], BOTTOM, TOP)
        rows = [row["rows"] for row in table]
        ticks = y.ticks(steps, _equally_long(steps))
        frame = Frame(x.ticks(rows, [str(count) for count in rows]), ticks, "training rows", "log loss")
        super().__init__(frame, [self._point(row, x, y) for row in table])
        self.rule = Tick(y.at(rule["log_loss"]["mean"]), f"{rule['log_loss']['mean']:.3f}")
        self.rule_cells = [mean_interval_text(rule[metric]) for metric in HEADLINE_METRICS]

    def _point(self, row: Mapping[str, Any], x: Axis, y: Axis) -> Point:
        loss = row["log_loss"]
        cells = [str(row["rows"]), *(mean_interval_text(row[metric]) for metric in HEADLINE_METRICS)]
        place = (x.at(row["rows"]), y.at(loss["mean"]), y.at(loss["low"]), y.at(loss["high"]))
        return Point(*place, few=False, cells=cells)


def _equally_long(steps: Sequence[float]) -> list[str]:
    digits = max(len(f"{step:g}".partition(".")[2]) for step in steps)
    return [f"{step:.{digits}f}" for step in steps]
