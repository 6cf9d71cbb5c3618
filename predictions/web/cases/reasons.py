"""Reasons as bars, and the reasons of two scores side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml.figures import signed_text
from ml.scorecard.scores import Reason


@dataclass(frozen=True, slots=True)
class ReasonBar:
    """One reason with its weight. `length` is the length of its bar in percent of the longest one."""

    text: str
    weight: str
    length: str


class Reasons:
    """The reasons of both sides, the strongest first. Base and weights sum to the log-odds."""

    def __init__(self, base: float | None, reasons: Sequence[Reason], log_odds: float) -> None:
        longest = max((abs(reason["contribution"]) for reason in reasons), default=0) or 1
        self.against = [_bar(reason, longest) for reason in reasons if reason["contribution"] < 0]
        self.favourable = [
            _bar(reason, longest) for reason in reversed(reasons) if reason["contribution"] >= 0
        ]
        self.base = None if base is None else signed_text(base)
        self.log_odds = signed_text(log_odds)


@dataclass(frozen=True, slots=True)
class ReasonChange:
    """The reason of one column before and after. `moves` is ``"up"``, ``"down"`` or empty."""

    before_text: str
    text: str
    before: str
    after: str
    difference: str
    moves: str


def reason_changes(before: Sequence[Reason], after: Sequence[Reason]) -> list[ReasonChange]:
    """Pair the reasons by column, the largest difference first."""
    by_column = {reason["column"]: reason for reason in before}
    pairs = [(by_column[reason["column"]], reason) for reason in after if reason["column"] in by_column]
    pairs.sort(key=lambda pair: -abs(_difference(*pair)))
    return [_change(*pair) for pair in pairs]


def _change(before: Reason, after: Reason) -> ReasonChange:
    difference = _difference(before, after)
    return ReasonChange(
        before["text"],
        after["text"],
        signed_text(before["contribution"]),
        signed_text(after["contribution"]),
        signed_text(difference),
        "up" if difference > 0 else "down" if difference < 0 else "",
    )


def _difference(before: Reason, after: Reason) -> float:
    return after["contribution"] - before["contribution"]


def _bar(reason: Reason, longest: float) -> ReasonBar:
    length = 100 * abs(reason["contribution"]) / longest
    return ReasonBar(reason["text"], signed_text(reason["contribution"]), f"{length:.2f}%")
