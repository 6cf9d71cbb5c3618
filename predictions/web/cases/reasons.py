"""Reasons as bars, and reasons of two scores beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ml.figures import signed_text


@dataclass(frozen=True, slots=True)
class ReasonBar:
    """One reason with its weight and its bar, in percent of the longest one."""

    text: str
    weight: str
    length: str


class Reasons:
    """Both sides, the weightiest first; base and weights sum to the log-odds."""

    def __init__(self, base: float | None, reasons: Sequence[Any], log_odds: float) -> None:
        longest = max((abs(reason["contribution"]) for reason in reasons), default=0) or 1
        self.against = [_bar(reason, longest) for reason in reasons if reason["contribution"] < 0]
        self.favourable = [
            _bar(reason, longest) for reason in reversed(reasons) if reason["contribution"] >= 0
        ]
        self.base = None if base is None else signed_text(base)
        self.log_odds = signed_text(log_odds)


@dataclass(frozen=True, slots=True)
class ReasonChange:
    """One reason before and after; `moves` up, down or none."""

    before_text: str
    text: str
    before: str
    after: str
    difference: str
    moves: str


def reason_changes(before: Sequence[Any], after: Sequence[Any]) -> list[ReasonChange]:
    """Put the reasons of one column beside each other, those that moved furthest first."""
    old = {reason["column"]: reason for reason in before}
    pairs = [(old[reason["column"]], reason) for reason in after if reason["column"] in old]
    pairs.sort(key=lambda pair: -abs(_difference(*pair)))
    return [_change(*pair) for pair in pairs]


def _change(before: Any, after: Any) -> ReasonChange:
    difference = _difference(before, after)
    return ReasonChange(
        before["text"],
        after["text"],
        signed_text(before["contribution"]),
        signed_text(after["contribution"]),
        signed_text(difference),
        "up" if difference > 0 else "down" if difference < 0 else "",
    )


def _difference(before: Any, after: Any) -> float:
    return float(after["contribution"] - before["contribution"])


def _bar(reason: dict[str, Any], longest: float) -> ReasonBar:
    length = 100 * abs(reason["contribution"]) / longest
    return ReasonBar(reason["text"], signed_text(reason["contribution"]), f"{length:.2f}%")
