"""The one door to scoring: validated records in, stored predictions out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ml.plausibility import warnings_of
from ml.records import columns_of, inputs_of
from ml.schema import FEATURES
from predictions import active_model
from predictions.models import Applicant, Prediction
from predictions.models.owned import Caller
from predictions.policy import FIRST_POLICY, Policy

_FEATURE_NAMES = [feature.name for feature in FEATURES]


def score(
    *,
    owner: Caller,
    records: Sequence[Any],
    source: Prediction.Source,
    request_id: str,
    now: datetime | None = None,
    policy: Policy = FIRST_POLICY,
) -> list[Prediction]:
    """Score records for `owner` and store applicants and predictions, all or nothing.

    The model is called once. A Loan_ID that repeats is scored each time; the applicant keeps the last values.

    Raises
    ------
    NoActiveModel, ModelUnreadable
    """
    model = active_model.current()
    scores = model.predictor.score(columns_of(records))
    now = now or timezone.now()
    with transaction.atomic():
        applicants = _store_applicants(owner, records, now)
        predictions = [
            _prediction(
                record,
                model,
                policy,
                applicant=applicants[record.loan_id],
                owner_id=owner.pk,
                approval_probability=scores.probability[row],
                log_odds=scores.log_odds[row],
                base=scores.base,
                reasons=scores.reasons(row),
                source=source,
                request_id=request_id,
                created_at=now,
            )
            for row, record in enumerate(records)
        ]
        return Prediction.objects.bulk_create(predictions)


def _prediction(
    record: Any, model: active_model.ActiveModel, policy: Policy, *, approval_probability: float, **facts: Any
) -> Prediction:
    inputs = inputs_of(record)
    return Prediction(
        model_version_id=model.version_id,
        inputs=inputs,
        missing=[column for column in model.predictor.sources if inputs[column] is None],
        warnings=warnings_of(inputs),
        threshold=policy.threshold,
        refer_low=policy.refer_low,
        refer_high=policy.refer_high,
        approval_probability=approval_probability,
        outcome=policy.outcome(approval_probability),
        **facts,
    )


def _store_applicants(owner: Caller, records: Sequence[Any], now: datetime) -> dict[str, Applicant]:
    """Insert or update one applicant per Loan_ID, in one order for all writers so that none deadlock."""
    last = {record.loan_id: record for record in records}
    applicants = [
        Applicant(
            owner_id=owner.pk,
            loan_id=loan_id,
            created_at=now,
            updated_at=now,
            **{name: getattr(record, name) for name in _FEATURE_NAMES},
        )
        for loan_id, record in sorted(last.items())
    ]
    stored = Applicant.objects.bulk_create(
        applicants,
        update_conflicts=True,
        unique_fields=["owner", "loan_id"],
        update_fields=[*_FEATURE_NAMES, "updated_at"],
    )
    return {applicant.loan_id: applicant for applicant in stored}
