"""What every model gives back, and what every model is to its callers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict

from ml.model_columns import Columns


class Reason(TypedDict):
    """What one model column adds to the log-odds (``contribution``), in figures and in words."""

    column: str
    label: str
    contribution: float
    text: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Results of n rows, in their order.

    Attributes
    ----------
    probability, log_odds : list of float, length n
        Of approval.
    base : float or None
        Where contributions start: ``base + sum of contributions = log_odds``. ``None`` without reasons.
    reasons : callable
        Row number to its reasons, most adverse first; shared objects, not to be changed.
    """

    probability: list[float]
    log_odds: list[float]
    base: float | None
    reasons: Callable[[int], list[Reason]]


class Predictor(Protocol):
    """A loaded model: columns in, scores and reasons out, no I/O."""

    @property
    def sources(self) -> Sequence[str]:
        """The data set's columns that the model reads."""

    def score(self, columns: Columns) -> Scores:
        """Score n applications (see `Scorecard.score`)."""
