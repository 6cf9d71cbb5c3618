"""How a probability becomes an outcome. Threshold and refer band belong to the policy, not to the model."""

from dataclasses import dataclass

from predictions.models import Prediction


@dataclass(frozen=True, slots=True)
class Policy:
    threshold: float
    refer_low: float | None = None
    refer_high: float | None = None

    def outcome(self, probability: float) -> Prediction.Outcome:
        if probability >= self.threshold:
            return Prediction.Outcome.APPROVED
        return Prediction.Outcome.DENIED


FIRST_POLICY = Policy(threshold=0.5)
