"""Where a value lies on a plot. Places are text, so that no locale changes them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
