"""The one door to scoring: validated records in, stored predictions out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from ml.plausibility import warnings_of
from ml.records import columns_of, inputs_of, values_of
from ml.schema import FEATURES
from predictions import active_model
from predictions.models import Applicant, Prediction
from predictions.models.owned import Caller
from predictions.policy import FIRST_POLICY, Policy
from predictions.scored import Scored
from predictions.services.inserts import as_json, as_time, insert_rows

_FEATURES = [feature.name for feature in FEATURES]
_APPLICANT = ["owner_id", "loan_id", *_FEATURES, "created_at", "updated_at"]
_UPSERT = (
    "ON CONFLICT (owner_id, loan_id) DO UPDATE SET "
    + ", ".join(f"{name} = EXCLUDED.{name}" for name in [*_FEATURES, "updated_at"])
    + " RETURNING loan_id, id"
)
_PREDICTION = [
    *("applicant_id", "owner_id", "model_version_id", "inputs", "missing", "warnings", "threshold"),
    *("refer_low", "refer_high", "approval_probability", "log_odds", "base", "reasons", "outcome"),
    *("source", "request_id", "created_at"),
]


class _Shared(NamedTuple):
    """What all predictions of one call have in common."""

    owner_id: int | None
    source: str
    time: Any
    policy: Policy


def score(
    *,
    owner: Caller,
    records: Sequence[Any],
    source: Prediction.Source,
    request_id: str,
    now: datetime | None = None,
    policy: Policy = FIRST_POLICY,
) -> list[Scored]:
    """Score records for `owner` and store applicants and predictions, all or nothing.

    The model is called once. A Loan_ID that repeats is scored each time; the applicant keeps the last values.

    Raises
    ------
    NoActiveModel, ModelUnreadable
    """
    model = active_model.current()
    now = now or timezone.now()
    scored = _scored(model, policy, records, request_id, now)
    with transaction.atomic():
        applicants = _store_applicants(owner, records, now)
        shared = _Shared(owner.pk, source.value, as_time(now), policy)
        rows = [
            _row(result, record, applicants[record.loan_id], shared)
            for result, record in zip(scored, records, strict=True)
        ]
        # Ids grow in the order of the rows; in which order a database returns them is its own affair.
        ids = sorted(insert_rows(Prediction, _PREDICTION, rows, "RETURNING id"))
        for result, (pk,) in zip(scored, ids, strict=True):
            result.id = pk
    return scored


def _scored(
    model: active_model.ActiveModel, policy: Policy, records: Sequence[Any], request_id: str, now: datetime
) -> list[Scored]:
    """Return the results of all rows, their ids still to come."""
    scores = model.predictor.score(columns_of(records))
    results = []
    for row, (record, probability) in enumerate(zip(records, scores.probability, strict=True)):
        inputs = inputs_of(record)
        results.append(
            Scored(
                id=0,
                loan_id=record.loan_id,
                approved=probability >= policy.threshold,
                outcome=policy.outcome(probability).value,
                approval_probability=probability,
                threshold=policy.threshold,
                log_odds=scores.log_odds[row],
                base=scores.base,
                reasons=scores.reasons(row),
                missing=[column for column in model.predictor.sources if inputs[column] is None],
                warnings=warnings_of(inputs),
                model_version=model.version_id,
                created_at=now,
                request_id=request_id,
            )
        )
    return results


def _row(result: Scored, record: Any, applicant_id: int, shared: _Shared) -> tuple[Any, ...]:
    """Return the values of `_PREDICTION`."""
    return (
        applicant_id,
        shared.owner_id,
        result.model_version,
        as_json(inputs_of(record)),
        as_json(result.missing),
        as_json(result.warnings),
        result.threshold,
        shared.policy.refer_low,
        shared.policy.refer_high,
        result.approval_probability,
        result.log_odds,
        result.base,
        as_json(result.reasons),
        result.outcome,
        shared.source,
        result.request_id,
        shared.time,
    )


def _store_applicants(owner: Caller, records: Sequence[Any], now: datetime) -> dict[str, int]:
    """Insert or update one applicant per Loan_ID, in one order for all writers so that none deadlock."""
    last = {record.loan_id: record for record in records}
    time = as_time(now)
    rows = [(owner.pk, loan_id, *values_of(record), time, time) for loan_id, record in sorted(last.items())]
    return dict(insert_rows(Applicant, _APPLICANT, rows, _UPSERT))
