"""Log-odds as the points that lenders are used to: a base score, and points that double the odds."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scaling:
    """``score = offset + factor * log-odds``.

    A score is linear in the log-odds, so the score of a scorecard's base and the points of its bins, each
    ``factor * log-odds``, sum to the score of the sum.

    Parameters
    ----------
    base_score : float
        The score at `base_odds`.
    base_odds : float
        Approvals to one refusal; above 0.
    points_to_double : float
        How many points more double the odds; above 0.

    References
    ----------
    N. Siddiqi, "Credit Risk Scorecards", Wiley, 2006, chapter 6 (scorecard scaling); the defaults are that
    chapter's example.
    """

    base_score: float = 600.0
    base_odds: float = 50.0
    points_to_double: float = 20.0

    def __post_init__(self) -> None:
        for name in ("base_odds", "points_to_double"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                raise ValueError(f"{name} is a number above 0, not {value!r}.")

    @property
    def factor(self) -> float:
        """Points for one unit of log-odds."""
        return self.points_to_double / math.log(2)

    @property
    def offset(self) -> float:
        """The score at odds of one to one."""
        return self.base_score - self.factor * math.log(self.base_odds)

    def score(self, log_odds: float) -> float:
        """Return the score of the log-odds of approval."""
        return self.offset + self.factor * log_odds

    def points(self, log_odds: float) -> float:
        """Return the points of what one bin adds to the log-odds."""
        return self.factor * log_odds

    def probability(self, score: float) -> float:
        """Return the probability of approval that a score stands for."""
        return 1 / (1 + math.exp((self.offset - score) / self.factor))
