"""A stored prediction as callers see it: the shape of API replies and of what the service returns."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from ml.applications.plausibility import Remark
from ml.applications.schema import LOAN_ID
from predictions.live.active_model import ActiveModel
from predictions.models import ModelVersion, Prediction

SYNTHETIC_NOTICE: Remark = {
    "code": "synthetic_model",
    "attr": None,
    "detail": "The model was trained on synthetic sample data: its predictions mean nothing for real people.",
}
_encode = msgspec.json.Encoder().encode


def model_notices(model: ModelVersion | ActiveModel) -> list[Remark]:
    """Return what every reply says of the model behind it; notices refer nothing and are not stored."""
    return [SYNTHETIC_NOTICE] if model.synthetic else []


def raw_json(value: Any) -> msgspec.Raw:
    """Return a value as JSON that is copied as it is wherever it is written."""
    return msgspec.Raw(_encode(value))


class PredictionReply(msgspec.Struct, rename={"loan_id": LOAN_ID, "reasons_json": "reasons"}, gc=False):
    """Field names are the public contract. A struct, because a thousand of them are built in one call.

    Reasons are kept as JSON: most applications share theirs with others.
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
    causes: list[Any]
    missing: list[str]
    could_flip: list[str]
    warnings: list[Any]
    model_version: int
    created_at: datetime
    request_id: str

    @property
    def reasons(self) -> list[Any]:
        reasons: list[Any] = msgspec.json.decode(self.reasons_json)
        return reasons

    @classmethod
    def of(cls, prediction: Prediction) -> "PredictionReply":
        """Return a row of the database in this shape."""
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
    """Parts of a row's JSON: what stands between its Loan_ID and its warnings, and what stands after them."""

    verdict: str
    call: str


def split_json(scored: PredictionReply) -> JsonPieces:
    """Cut what many rows share out of one row's JSON."""
    plain = msgspec.structs.replace(scored, id=0, loan_id="", warnings=[])
    text = _encode(plain).decode().removeprefix('{"id":0,"Loan_ID":""')
    verdict, _, call = text.rpartition('"warnings":[]')
    return JsonPieces(verdict, call)
