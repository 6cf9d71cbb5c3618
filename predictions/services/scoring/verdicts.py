"""What a policy makes of a model's scores: worked out once for all applications of a kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from ml.applications.plausibility import Remark, Remarks
from ml.applications.records import json_lines
from ml.scorecard.score_cache import CachedScore, ScoreCache
from ml.scorecard.scores import ScoreExplanation
from predictions.live.active_model import ActiveModel
from predictions.models import Policy
from predictions.services.scoring.scored import PredictionReply, raw_json, split_json
from predictions.services.writing.inserts import as_json

# What `ScoredRows` puts in its place.
_OF_A_CALL: dict[str, Any] = {
    "id": 0,
    "loan_id": "",
    "warnings": [],
    "model_version": 0,
    "created_at": datetime.min,
    "request_id": "",
}
STORED_FIELDS = ("missing", "gaps", "approval_probability", "log_odds", "outcome")
_MOST_POLICIES = 8


@dataclass(frozen=True, slots=True, eq=False)
class ScoredKind:
    """What all predictions of one kind of application have in common, unless there is a remark about one."""

    score: CachedScore
    scored: PredictionReply  # as callers see it, but for what a call says
    piece: str  # the same in a row's JSON
    stored: tuple[Any, ...]  # the values of `STORED_FIELDS`

    @property
    def explanation(self) -> ScoreExplanation:
        return self.score.explanation


def scored_kinds(model: ActiveModel, policy: Policy) -> ScoreCache[ScoredKind]:
    """Return what judges columns by this model and this policy."""
    known = model.verdicts
    if policy.pk not in known:
        if len(known) >= _MOST_POLICIES:
            known.clear()
        known[policy.pk] = ScoreCache(model.predictor, partial(_verdict, policy))
    judge: ScoreCache[ScoredKind] = known[policy.pk]
    return judge


def with_remarks(verdict: ScoredKind, policy: Policy, remarks: Remarks) -> ScoredKind:
    """Return the verdict on one application of the kind that `remarks` may refer."""
    return _verdict(policy, verdict.score, remarks) if policy.rule.refers_for(remarks) else verdict


def _verdict(policy: Policy, score: CachedScore, remarks: Remarks = ()) -> ScoredKind:
    scored = _scored(policy, score, remarks)
    missing, gaps = as_json(score.missing), as_json(score.gaps or {})
    stored = (missing, gaps, score.probability, score.log_odds, scored.outcome)
    return ScoredKind(score, scored, split_json(scored).verdict, stored)


def _scored(policy: Policy, score: CachedScore, remarks: Remarks) -> PredictionReply:
    rule = policy.rule
    return PredictionReply(
        **_OF_A_CALL,
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


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Stored predictions in their order; a row takes its shape when somebody asks for it."""

    ids: Sequence[int]
    loan_ids: Sequence[str]
    verdicts: Sequence[ScoredKind]
    remarks: Mapping[int, list[Remark]]  # by row
    notices: list[Remark]  # of the model: the same for all rows
    model_version: int
    created_at: datetime
    request_id: str

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[PredictionReply]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, row: int) -> PredictionReply:
        scored: PredictionReply = msgspec.structs.replace(
            self.verdicts[row].scored,
            id=self.ids[row],
            loan_id=self.loan_ids[row],
            warnings=[*self.remarks.get(row, ()), *self.notices],
            model_version=self.model_version,
            created_at=self.created_at,
            request_id=self.request_id,
        )
        return scored

    def json(self) -> msgspec.Raw:
        """Return all rows as a JSON array, put together of ready pieces: much quicker than to encode it."""
        end = split_json(self[0]).call
        warnings = {row: as_json([*found, *self.notices]) for row, found in self.remarks.items()}
        no_remark = as_json(self.notices)
        facts = zip(self.ids, json_lines(self.loan_ids), self.verdicts, strict=True)
        rows = [
            f'{{"id":{pk},"Loan_ID":{loan_id}{verdict.piece}"warnings":{warnings.get(row, no_remark)}{end}'
            for row, (pk, loan_id, verdict) in enumerate(facts)
        ]
        return msgspec.Raw(f"[{','.join(rows)}]".encode())
