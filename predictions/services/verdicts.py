"""What a policy makes of a model's scores: worked out once for all applications of a kind."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from ml.kinds import ByKind, Score
from ml.scores import Explanation
from predictions.active_model import ActiveModel
from predictions.models import Policy
from predictions.scored import Scored, pieces, raw_json
from predictions.services.inserts import as_json

# What `ScoredRows` puts in its place.
_OF_A_CALL: dict[str, Any] = {
    "id": 0,
    "loan_id": "",
    "warnings": [],
    "model_version": 0,
    "created_at": datetime.min,
    "request_id": "",
}
STORED = ("missing", "gaps", "approval_probability", "log_odds", "outcome")
_MOST_POLICIES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What all predictions of one kind of application have in common."""

    explanation: Explanation
    scored: Scored  # as callers see it, but for what a call says
    piece: str  # the same in a row's JSON
    stored: tuple[Any, ...]  # the values of `STORED`


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
    scored = _scored(policy, score)
    missing, gaps = as_json(score.missing), as_json(score.gaps or {})
    stored = (missing, gaps, score.probability, score.log_odds, scored.outcome)
    return Verdict(score.explanation, scored, pieces(scored).verdict, stored)


def _scored(policy: Policy, score: Score) -> Scored:
    return Scored(
        **_OF_A_CALL,
        approved=policy.approves(score.probability),
        outcome=policy.outcome(score.probability, score.gaps),
        approval_probability=score.probability,
        threshold=policy.threshold,
        log_odds=score.log_odds,
        base=score.explanation.base,
        reasons_json=raw_json(score.explanation.reasons),
        missing=score.missing,
        could_flip=policy.flipping(score.gaps),
    )
