"""The last days as stacked columns, one for each day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from predictions.reading.counts import DayCounts
from predictions.web.plots.axes import BOTTOM, LEFT, RIGHT, TOP, Axis, Frame, round_steps

GAP = 0.22  # of a day's width
_STACK = ("approved", "refer", "denied")  # from the axis upwards


@dataclass(frozen=True, slots=True)
class Block:
    """One outcome of one day."""

    outcome: str
    words: str
    x: str
    y: str
    width: str
    height: str


class DayPlot:
    def __init__(self, days: Sequence[tuple[date, DayCounts]]) -> None:
        steps = _whole_steps(max(counts.scored for _, counts in days))
        self._x, self._y = Axis(0, len(days), LEFT, RIGHT), Axis(0, steps[-1], BOTTOM, TOP)
        weeks = range(len(days) - 1, -1, -7)
        names = [date_format(days[place][0], "j M") for place in weeks]
        x_ticks = self._x.ticks([place + 0.5 for place in weeks], names)
        y_ticks = self._y.ticks(steps, [f"{step:,.0f}" for step in steps])
        self.frame = Frame(x_ticks, y_ticks, "day", "scored")
        self.blocks = [
            block for place, (day, counts) in enumerate(days) for block in self._column(place, day, counts)
        ]

    def _column(self, place: int, day: date, counts: DayCounts) -> list[Block]:
        blocks, below = [], 0
        for outcome in _STACK:
            number = counts.by_outcome[outcome]
            if number:
                blocks.append(self._block(place, below, number, outcome, day))
            below += number
        return blocks

    def _block(self, place: int, below: int, number: int, outcome: str, day: date) -> Block:
        left, right = self._x.at(place + GAP / 2), self._x.at(place + 1 - GAP / 2)
        top, bottom = self._y.at(below + number), self._y.at(below)
        words = f"{date_format(day, 'j M')}: {number:,} {'referred' if outcome == 'refer' else outcome}"
        width, height = f"{float(right) - float(left):.1f}", f"{float(bottom) - float(top):.1f}"
        return Block(outcome, words, left, top, width, height)


def _whole_steps(most: int) -> list[float]:
    """Return round whole numbers from 0 to `most` or above."""
    return round_steps(0, most) if most >= 4 else [float(step) for step in range(most + 2)]
