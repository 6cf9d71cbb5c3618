"""Scaling of log-odds to the points of credit scorecards."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scaling:
    """A linear scale of scores: ``score = offset + factor * log-odds``.

    The score of an application is the score of the scorecard's base plus the points of its bins, each
    ``factor`` times what the bin adds to the log-odds.

    Parameters
    ----------
    base_score : float
        The score at `base_odds`.
    base_odds : float
        Approvals per denial; above 0.
    points_to_double : float
        Points that double the odds; above 0.

    Raises
    ------
    ValueError
        If `base_odds` or `points_to_double` is not a finite number above 0.

    References
    ----------
    N. Siddiqi, "Credit Risk Scorecards", Wiley, 2006, chapter 6 (scorecard scaling); the defaults are the
    chapter's example.

    Examples
    --------
    Odds of 50 to 1 score 600 points, and twice these odds 20 points more:

    >>> scaling = Scaling()
    >>> [round(scaling.score(math.log(odds))) for odds in (50, 100)]
    [600, 620]
    >>> round(scaling.points(-0.7), 1)
    -20.2
    """

    base_score: float = 600.0
    base_odds: float = 50.0
    points_to_double: float = 20.0

    def __post_init__(self) -> None:
        for name in ("base_odds", "points_to_double"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                raise ValueError(f"{name} is {value!r}; expected a finite number above 0.")

    @property
    def factor(self) -> float:
        """Points for one unit of log-odds."""
        return self.points_to_double / math.log(2)

    @property
    def offset(self) -> float:
        """The score at odds of one to one, a log-odds of 0."""
        return self.base_score - self.factor * math.log(self.base_odds)

    def score(self, log_odds: float) -> float:
        """Return the score of a log-odds of approval."""
        return self.offset + self.factor * log_odds

    def points(self, log_odds: float) -> float:
        """Return the points of a contribution to the log-odds."""
        return self.factor * log_odds

    def probability(self, score: float) -> float:
        """Return the approval probability of a score."""
        return 1 / (1 + math.exp((self.offset - score) / self.factor))
