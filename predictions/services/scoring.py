"""The one door to scoring: validated records in, stored predictions out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from ml.plausibility import warnings_of
from ml.records import columns_of, inputs_of, values_of
from ml.schema import FEATURES
from predictions import active_model
from predictions.models import Applicant, Prediction
from predictions.models.owned import Caller
from predictions.policy import FIRST_POLICY, Policy
from predictions.scored import Scored
from predictions.services.inserts import as_json, as_time, insert_rows, new_ids
from predictions.services.turns import write_turn

_FEATURES = [feature.name for feature in FEATURES]
_APPLICANT = dict.fromkeys(["owner_id", "loan_id", *_FEATURES, "created_at", "updated_at"], "%s")
_UPSERT = "ON CONFLICT (owner_id, loan_id) DO UPDATE SET " + ", ".join(
    f"{name} = EXCLUDED.{name}" for name in [*_FEATURES, "updated_at"]
)
_APPLICANT_ID = f"(SELECT id FROM {Applicant._meta.db_table} WHERE owner_id = %s AND loan_id = %s)"  # noqa: S608
_PREDICTION = {"id": "%s", "applicant_id": _APPLICANT_ID} | dict.fromkeys(
    [
        *("owner_id", "model_version_id", "inputs", "missing", "warnings", "threshold", "refer_low"),
        *("refer_high", "approval_probability", "log_odds", "base", "reasons", "outcome", "source"),
        *("request_id", "created_at"),
    ],
    "%s",
)


class _Shared(NamedTuple):
    """What all predictions of one call have in common."""

    owner_id: int | None
    source: str
    request_id: str
    now: datetime
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
    shared = _Shared(owner.pk, source.value, request_id, now, as_time(now), policy)
    inputs = [inputs_of(record) for record in records]
    scored = _scored(model, records, inputs, shared)
    # Whatever can be worked out before the transaction is: it keeps other writers waiting.
    applicants = _applicant_rows(records, shared)
    rows = [_row(result, values, shared) for result, values in zip(scored, inputs, strict=True)]
    with write_turn():
        insert_rows(Applicant, _APPLICANT, applicants, _UPSERT)
        ids = new_ids(Prediction, len(rows))
        insert_rows(Prediction, _PREDICTION, [(pk, *row) for pk, row in zip(ids, rows, strict=True)])
    for result, pk in zip(scored, ids, strict=True):
        result.id = pk
    return scored


def _scored(
    model: active_model.ActiveModel,
    records: Sequence[Any],
    inputs: Sequence[dict[str, Any]],
    shared: _Shared,
) -> list[Scored]:
    """Return the results of all rows, their ids still to come."""
    scores = model.predictor.score(columns_of(records))
    policy, results = shared.policy, []
    probabilities = scores.probability
    for row, (record, values, probability) in enumerate(zip(records, inputs, probabilities, strict=True)):
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
                missing=[column for column in model.predictor.sources if values[column] is None],
                warnings=warnings_of(values),
                model_version=model.version_id,
                created_at=shared.now,
                request_id=shared.request_id,
            )
        )
    return results


def _row(result: Scored, inputs: dict[str, Any], shared: _Shared) -> tuple[Any, ...]:
    """Return the values of `_PREDICTION`, but for its id."""
    return (
        shared.owner_id,
        result.loan_id,
        shared.owner_id,
        result.model_version,
        as_json(inputs),
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


def _applicant_rows(records: Sequence[Any], shared: _Shared) -> list[tuple[Any, ...]]:
    """Return one row per Loan_ID, its last values, in one order for all writers so that none deadlock."""
    last = {record.loan_id: record for record in records}
    times = (shared.time, shared.time)
    return [
        (shared.owner_id, loan_id, *values_of(record), *times) for loan_id, record in sorted(last.items())
    ]
