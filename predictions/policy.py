"""How a probability becomes an outcome. Threshold and refer band belong to the policy, not to the model."""

from dataclasses import dataclass

from predictions.models import Prediction

_APPROVED, _DENIED = Prediction.Outcome.APPROVED.value, Prediction.Outcome.DENIED.value


@dataclass(frozen=True, slots=True)
class Policy:
    threshold: float
    refer_low: float | None = None
    refer_high: float | None = None

    def outcome(self, probability: float) -> str:
        """Return a value of `Prediction.Outcome`."""
        return _APPROVED if probability >= self.threshold else _DENIED


FIRST_POLICY = Policy(threshold=0.5)
