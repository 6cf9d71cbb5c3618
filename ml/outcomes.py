"""How a probability becomes an outcome: threshold and refer band."""

from dataclasses import dataclass

from ml.gaps import Gaps


@dataclass(frozen=True, slots=True)
class Rule:
    """What a policy says.

    Attributes
    ----------
    refer_low, refer_high : float or None
        From the first on, and up to the second, a probability is referred.
    refer_gaps : bool
        Whether an application is referred whose outcome a missing value could flip.
    """

    threshold: float
    refer_low: float | None
    refer_high: float | None
    refer_gaps: bool

    def approves(self, probability: float) -> bool:
        """Tell whether the threshold is reached."""
        return probability >= self.threshold

    def in_band(self, probability: float) -> bool:
        """Tell whether the probability is referred for itself."""
        low, high = self.refer_low, self.refer_high
        return low is not None and high is not None and low <= probability < high

    def flips(self, span: list[float]) -> bool:
        """Tell whether the threshold lies between the ends of `span`."""
        lowest, highest = span
        return self.approves(lowest) != self.approves(highest)

    def outcome(self, probability: float, gaps: Gaps | None) -> str:
        """Return ``"approved"``, ``"denied"`` or ``"refer"``."""
        if self.in_band(probability) or (self.refer_gaps and gaps and self.flips(gaps["together"])):
            return "refer"
        return "approved" if self.approves(probability) else "denied"
