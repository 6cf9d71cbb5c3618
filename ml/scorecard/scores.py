"""Scores, reasons and explanations, and the interface of every model."""

import functools
import hashlib
import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict

from ml.applications.types import Columns, Ints
from ml.schemas.schema import Schema
from ml.scorecard.missing_value_bounds import ProbabilityBounds

MAX_ADVERSE_REASONS = 4  # given to an applicant


class Reason(TypedDict):
    """The contribution of one model column to the log-odds, as a number and as a text."""

    column: str
    label: str
    contribution: float
    text: str


class ScoreExplanation:
    """The reasons of one score: its log-odds are ``base`` plus the sum of all contributions.

    Rows with equal scores share an explanation, so it must not be changed.

    Attributes
    ----------
    base : float or None
        Log-odds without any reason; ``None`` if the model gives no reasons.
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
    """Return the reasons that lower the approval probability, in their order.

    An explanation lists its reasons by contribution, so the most adverse comes first.

    Parameters
    ----------
    reasons : sequence of Reason
        The reasons of a `ScoreExplanation`.

    Returns
    -------
    list of Reason
        All of them; at most `MAX_ADVERSE_REASONS` are given to an applicant.

    Examples
    --------
    >>> income = Reason(column="Total_Income", label="Total income", contribution=0.4, text="...")
    >>> history = Reason(column="Credit_History", label="Credit history", contribution=-1.9, text="...")
    >>> explanation = ScoreExplanation(0.7, [income, history])
    >>> [reason["label"] for reason in adverse_reasons(explanation.reasons)]
    ['Credit history']
    """
    return [reason for reason in reasons if reason["contribution"] < 0]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of n rows, in their order.

    Attributes
    ----------
    probability, log_odds : list of float, length n
        Of approval.
    explanation : callable
        Returns the explanation of a row number.
    gaps : callable
        Returns the probability's bounds of a row number; ``None`` if missing values cannot change it.
    """

    probability: list[float]
    log_odds: list[float]
    explanation: Callable[[int], ScoreExplanation]
    gaps: Callable[[int], ProbabilityBounds | None]


class Predictor(Protocol):
    """A loaded model: it takes columns and returns scores and reasons, without I/O."""

    @property
    def schema(self) -> Schema:
        """The schema that the model was trained by."""

    @property
    def sources(self) -> Sequence[str]:
        """The data set's columns that the model reads."""

    def score(self, columns: Columns) -> Scores:
        """Score n applications (see `Scorecard.score`)."""

    def cache_keys(self, columns: Columns) -> Sequence[Hashable] | Ints:
        """Return a key for each row; rows with equal keys have equal scores, reasons and bounds."""
