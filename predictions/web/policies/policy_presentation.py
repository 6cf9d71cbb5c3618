"""A policy as its page shows it: in words, and as a picture."""

from dataclasses import dataclass

from ml.figures import exact_percent
from predictions.models import Policy
from predictions.web.cases.parts import Mark, mark
from predictions.words import policies as words


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the scale and what is said of it; lengths are text, so that no locale changes them."""

    outcome: str
    at: str
    length: str


class PolicyScale:
    """The scale of 0 to 100 %, cut at the threshold or around the refer band."""

    def __init__(self, policy: Policy) -> None:
        low, high = policy.refer_low, policy.refer_high
        self.threshold = mark(policy.threshold, exact_percent(policy.threshold))
        self.band: Mark | None = None
        if low is None or high is None:
            low = high = policy.threshold
        else:
            self.band = mark((low + high) / 2, words.band(policy))
        ends = {"denied": (0.0, low), "refer": (low, high), "approved": (high, 1.0)}
        self.zones = [_zone(outcome, *span) for outcome, span in ends.items() if span[0] < span[1]]

    @property
    def outcomes(self) -> list[str]:
        return [zone.outcome for zone in self.zones]


class PolicyView:
    """A policy, and what it changed."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.sentences = words.sentences(policy)
        self.scale = PolicyScale(policy)
        self.changes = words.changes(policy, policy.previous) if policy.previous else []


def _zone(outcome: str, start: float, end: float) -> Zone:
    return Zone(outcome, f"{100 * start:.2f}%", f"{100 * (end - start):.2f}%")
