"""Predictions as callers see them, and JSON arrays of predictions that are joined from ready pieces."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from ml.applications.plausibility import Remark
from ml.applications.records import json_lines
from ml.schemas.schema import LOAN_ID
from ml.scorecard.outcomes import ReferralCause
from ml.scorecard.score_cache import CachedScore
from ml.scorecard.scores import Reason
from predictions.models import Prediction
from predictions.services.writing.inserts import as_json

SYNTHETIC_NOTICE: Remark = {
    "code": "synthetic_model",
    "attr": None,
    "detail": "The model was trained on synthetic sample data. Do not use its predictions for real people.",
}
_encode = msgspec.json.Encoder().encode


class _Model(Protocol):
    @property
    def synthetic(self) -> bool: ...


def model_notices(model: _Model) -> list[Remark]:
    """Return the notices in every reply about a model; they refer nothing and are not stored."""
    return [SYNTHETIC_NOTICE] if model.synthetic else []


def raw_json(value: object) -> msgspec.Raw:
    """Return a value as JSON that is copied unchanged wherever it is written."""
    return msgspec.Raw(_encode(value))


class PredictionReply(msgspec.Struct, rename={"loan_id": LOAN_ID, "reasons_json": "reasons"}, gc=False):
    """A prediction in the shape of the API, from the service and from the database alike.

    Field names are the public contract. Reasons are kept as JSON: most applications share theirs with others.
    A struct is fast to create, and one call creates a thousand.
    """

    id: int
    loan_id: str
    approved: bool
    outcome: str
    approval_probability: float
    threshold: float
    log_odds: float
    base: float | None
    reasons_json: msgspec.Raw
    causes: list[ReferralCause]
    missing: list[str]
    could_flip: list[str]
    warnings: list[Remark]
    model_version: int
    created_at: datetime
    request_id: str
    earlier: int | msgspec.UnsetType = msgspec.UNSET  # only in replies to those who scored

    @property
    def reasons(self) -> list[Reason]:
        reasons: list[Reason] = msgspec.json.decode(self.reasons_json)
        return reasons

    @classmethod
    def of(cls, prediction: Prediction) -> "PredictionReply":
        """Return a stored prediction in this shape."""
        return cls(
            id=prediction.pk,
            loan_id=prediction.loan_id,
            approved=prediction.approved,
            outcome=prediction.outcome,
            approval_probability=prediction.approval_probability,
            threshold=prediction.threshold,
            log_odds=prediction.log_odds,
            base=prediction.base,
            reasons_json=raw_json(prediction.reasons),
            causes=prediction.causes,
            missing=prediction.missing,
            could_flip=prediction.could_flip,
            warnings=[*prediction.warnings, *model_notices(prediction.model_version)],
            model_version=prediction.model_version_id,
            created_at=prediction.created_at,
            request_id=prediction.request_id,
        )


class JsonPieces(NamedTuple):
    """Parts of a row's JSON: from its Loan_ID to its warnings, and from there to the end."""

    kind: str  # the same for all applications of a kind
    call: str  # the same for all rows of a call


def split_json(reply: PredictionReply) -> JsonPieces:
    """Cut the pieces that many rows share out of one row's JSON."""
    template = msgspec.structs.replace(reply, id=0, loan_id="", warnings=[])
    text = _encode(template).decode().removeprefix('{"id":0,"Loan_ID":""')
    kind, _, call = text.rpartition('"warnings":[]')
    return JsonPieces(kind, call)


@dataclass(frozen=True, slots=True, eq=False)
class ScoredKind:
    """The result that all applications of a kind share, except those with a remark or a rule that holds."""

    score: CachedScore
    reply: PredictionReply  # without the values of a call
    piece: str  # the same, as a piece of a row's JSON
    digest: str  # of its explanation, as stored
    stored: tuple[object, ...]  # approval probability and outcome
    causes: str  # as the queue stores them
    # Results of applications of the kind that their own values refer or deny.
    with_findings: dict[Hashable, "ScoredKind"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Stored predictions in the order of their records. A row's reply is built when it is read."""

    ids: Sequence[int]
    loan_ids: Sequence[str]
    kinds: Sequence[ScoredKind]
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
        reply: PredictionReply = msgspec.structs.replace(
            self.kinds[row].reply,
            id=self.ids[row],
            loan_id=self.loan_ids[row],
            warnings=[*self.remarks.get(row, ()), *self.notices],
            model_version=self.model_version,
            created_at=self.created_at,
            request_id=self.request_id,
        )
        return reply

    def json(self, earlier: Sequence[int] | None = None) -> msgspec.Raw:
        """Return all rows as a JSON array, joined from ready pieces; each with its number of `earlier`."""
        end = split_json(self[0]).call
        warnings = [as_json(self.notices)] * len(self)
        for row, remarks in self.remarks.items():
            warnings[row] = as_json([*remarks, *self.notices])
        facts = zip(self.ids, json_lines(self.loan_ids), self.kinds, warnings, strict=True)
        rows = [
            f'{{"id":{pk},"Loan_ID":{loan_id}{kind.piece}"warnings":{its}{end}'
            for pk, loan_id, kind, its in facts
        ]
        if earlier is not None:
            rows = [f'{row[:-1]},"earlier":{number}}}' for row, number in zip(rows, earlier, strict=True)]
        return msgspec.Raw(f"[{','.join(rows)}]".encode())


def array_reply(
    scored: ScoredRows | None, earlier: Sequence[int] | None, errors: list[dict[str, object]], refused: int
) -> dict[str, object]:
    """Return the reply to an array, whose good rows are stored."""
    return {
        "scored": len(scored) if scored else 0,
        "refused": refused,
        "predictions": scored.json(earlier) if scored else [],
        "errors": errors,
    }
