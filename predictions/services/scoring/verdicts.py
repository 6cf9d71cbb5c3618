"""Outcomes under a policy, made once for all applications with equal scores."""

from datetime import datetime
from functools import partial
from typing import Any

from ml.applications.plausibility import Remarks
from ml.scorecard.score_cache import CachedScore, ScoreCache
from predictions.live.active_model import ActiveModel
from predictions.models import Policy
from predictions.services.writing.inserts import as_json
from predictions.services.writing.replies import PredictionReply, ScoredKind, raw_json, split_json

# `ScoredRows` replaces these by the values of its call.
_CALL_FIELDS: dict[str, Any] = {
    "id": 0,
    "loan_id": "",
    "warnings": [],
    "model_version": 0,
    "created_at": datetime.min,
    "request_id": "",
}
STORED_FIELDS = ("missing", "gaps", "approval_probability", "log_odds", "outcome")
_MAX_POLICIES = 8


def scored_kinds(model: ActiveModel, policy: Policy) -> ScoreCache[ScoredKind]:
    """Return the cache that scores columns by this model and this policy."""
    by_policy = model.scored_kinds
    if policy.pk not in by_policy:
        if len(by_policy) >= _MAX_POLICIES:
            by_policy.clear()
        by_policy[policy.pk] = ScoreCache(model.predictor, partial(_make_kind, policy))
    cache: ScoreCache[ScoredKind] = by_policy[policy.pk]
    return cache


def with_remarks(kind: ScoredKind, policy: Policy, remarks: Remarks) -> ScoredKind:
    """Return the result of one application of the kind, which `remarks` may refer."""
    return _make_kind(policy, kind.score, remarks) if policy.rule.refers_for(remarks) else kind


def _make_kind(policy: Policy, score: CachedScore, remarks: Remarks = ()) -> ScoredKind:
    reply = _reply(policy, score, remarks)
    missing, gaps = as_json(score.missing), as_json(score.gaps or {})
    stored = (missing, gaps, score.probability, score.log_odds, reply.outcome)
    return ScoredKind(score, reply, split_json(reply).kind, stored)


def _reply(policy: Policy, score: CachedScore, remarks: Remarks) -> PredictionReply:
    rule = policy.rule
    return PredictionReply(
        **_CALL_FIELDS,
        approved=rule.approves(score.probability, remarks),
        outcome=rule.outcome(score.probability, score.gaps, remarks),
        approval_probability=score.probability,
        threshold=policy.threshold,
        log_odds=score.log_odds,
        base=score.explanation.base,
        reasons_json=raw_json(score.explanation.reasons),
        causes=rule.causes(score.probability, score.gaps, remarks),
        missing=score.missing,
        could_flip=rule.columns_that_flip(score.gaps),
    )
