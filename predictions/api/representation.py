"""Database rows as the API shows them, under the data set's own column names."""

from typing import Any

from ml.schema import FEATURES, LOAN_ID
from predictions.models import Applicant, Prediction


def prediction_json(prediction: Prediction) -> dict[str, Any]:
    return {
        "id": prediction.pk,
        LOAN_ID: prediction.applicant.loan_id,
        "approved": prediction.approved,
        "outcome": str(prediction.outcome),
        "approval_probability": prediction.approval_probability,
        "threshold": prediction.threshold,
        "log_odds": prediction.log_odds,
        "base": prediction.base,
        "reasons": prediction.reasons,
        "missing": prediction.missing,
        "warnings": prediction.warnings,
        "model_version": prediction.model_version_id,
        "created_at": prediction.created_at,
        "request_id": prediction.request_id,
    }


def applicant_json(applicant: Applicant) -> dict[str, Any]:
    return {
        "id": applicant.pk,
        LOAN_ID: applicant.loan_id,
        **{feature.column: getattr(applicant, feature.name) for feature in FEATURES},
        "created_at": applicant.created_at,
        "updated_at": applicant.updated_at,
    }
