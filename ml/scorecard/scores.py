"""What every model gives back, and what every model is to its callers."""

import functools
import hashlib
import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict

from ml.applications.types import Columns
from ml.scorecard.missing_value_bounds import ProbabilityBounds

MAX_ADVERSE_REASONS = 4  # reasons against approval that anybody is told


class Reason(TypedDict):
    """What one model column adds to the log-odds (``contribution``), in figures and in words."""

    column: str
    label: str
    contribution: float
    text: str


class ScoreExplanation:
    """Why a log-odds is what it is: ``base + sum of contributions``. Shared between rows; not to be changed.

    Attributes
    ----------
    base : float or None
        Where contributions start; ``None`` when the model gives no reasons.
    reasons : list of Reason
        Most adverse first.
    """

    def __init__(self, base: float | None, reasons: Sequence[Reason]) -> None:
        self.base = base
        self.reasons = sorted(reasons, key=_contribution)

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of base and reasons: equal explanations have equal digests."""
        return hashlib.sha256(json.dumps([self.base, self.reasons]).encode()).hexdigest()


def _contribution(reason: Reason) -> float:
    return reason["contribution"]


def adverse_reasons(reasons: Sequence[Reason]) -> list[Reason]:
    """Return those of an explanation's reasons that speak against approval, the weightiest first."""
    return [reason for reason in reasons if reason["contribution"] < 0]


@dataclass(frozen=True, slots=True)
class Scores:
    """Results of n rows, in their order.

    Attributes
    ----------
    probability, log_odds : list of float, length n
        Of approval.
    explanation : callable
        Row number to its explanation.
    gaps : callable
        Row number to what its missing values could still change; ``None`` when they change nothing.
    """

    probability: list[float]
    log_odds: list[float]
    explanation: Callable[[int], ScoreExplanation]
    gaps: Callable[[int], ProbabilityBounds | None]


class Predictor(Protocol):
    """A loaded model: columns in, scores and reasons out, no I/O."""

    @property
    def sources(self) -> Sequence[str]:
        """The data set's columns that the model reads."""

    def score(self, columns: Columns) -> Scores:
        """Score n applications (see `Scorecard.score`)."""

    def kinds(self, columns: Columns) -> Sequence[Hashable]:
        """Return what kind of application each row is: rows of one kind have all their results in common."""
