"""What a policy makes of a model's scores: worked out once for all applications of a kind."""

from dataclasses import dataclass
from functools import partial

import msgspec

from ml.kinds import ByKind, Score
from ml.scores import Explanation
from predictions.active_model import ActiveModel
from predictions.models import Policy
from predictions.scored import raw_json
from predictions.services.inserts import as_json

_MOST_POLICIES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What all predictions of one kind of application have in common, the JSON of their columns included."""

    approved: bool
    outcome: str
    probability: float
    threshold: float
    log_odds: float
    explanation: Explanation
    reasons: msgspec.Raw
    missing: list[str]
    could_flip: list[str]
    missing_json: str
    gaps_json: str


def verdicts(model: ActiveModel, policy: Policy) -> ByKind[Verdict]:
    """Return what judges columns by this model and this policy."""
    known = model.verdicts
    if policy.pk not in known:
        if len(known) >= _MOST_POLICIES:
            known.clear()
        known[policy.pk] = ByKind(model.predictor, partial(_verdict, policy))
    judge: ByKind[Verdict] = known[policy.pk]
    return judge


def _verdict(policy: Policy, score: Score) -> Verdict:
    probability, gaps = score.probability, score.gaps
    return Verdict(
        approved=policy.approves(probability),
        outcome=policy.outcome(probability, gaps),
        probability=probability,
        threshold=policy.threshold,
        log_odds=score.log_odds,
        explanation=score.explanation,
        reasons=raw_json(score.explanation.reasons),
        missing=score.missing,
        could_flip=policy.flipping(gaps),
        missing_json=as_json(score.missing),
        gaps_json=as_json(gaps or {}),
    )
