"""The scale of 0 to 100 % with threshold and refer band; lengths are text, so that no locale changes them."""

from dataclasses import dataclass

from predictions.models import Policy
from predictions.web.presentation import cuts, percent


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the scale, with its label."""

    label: str
    at: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Band:
    """Where the policy refers, whatever the threshold says."""

    low: str
    high: str
    start: str
    end: str
    width: str
    middle: Mark


class Scale:
    """A probability as its policy holds it; `was` is the one that it is compared with."""

    def __init__(self, probability: float, policy: Policy, outcome: str, was: float | None = None) -> None:
        self.outcome = outcome
        self.probability = mark(probability, percent(probability, *cuts(policy)))
        self.threshold = mark(policy.threshold, f"{100 * policy.threshold:g}")
        self.was = None if was is None else mark(was, percent(was, *cuts(policy)))
        self.band = _band(policy)
        self.low_end, self.high_end = policy.threshold > 0.15, policy.threshold < 0.85


def _band(policy: Policy) -> Band | None:
    low, high = policy.refer_low, policy.refer_high
    if low is None or high is None:
        return None
    low_text, high_text = (f"{100 * end:g}" for end in (low, high))
    middle = mark((low + high) / 2, f"refer band {low_text} to {high_text} %")
    return Band(low_text, high_text, _at(low), _at(high), _at(high - low), middle)


def mark(share: float, label: str) -> Mark:
    """Place a label so that it does not leave the scale."""
    anchor = "start" if share < 0.15 else "end" if share > 0.85 else "middle"
    return Mark(label, _at(share), anchor)


def _at(share: float) -> str:
    return f"{100 * share:.2f}%"
