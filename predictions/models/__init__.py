from predictions.models.activation import Activation, Comparison
from predictions.models.applicant import Applicant
from predictions.models.audit import AuditRecord
from predictions.models.batch import Batch, BatchChunk
from predictions.models.decision import Claim, Decision, Notice
from predictions.models.explanation import Explanation
from predictions.models.idempotency import KeptAnswer
from predictions.models.model_version import ArtefactFile, ModelVersion, OutOfFold
from predictions.models.policy import Policy
from predictions.models.prediction import Prediction, Referral
from predictions.models.training import TrainingFile, TrainingRun

__all__ = [
    "Activation",
    "Applicant",
    "ArtefactFile",
    "AuditRecord",
    "Batch",
    "BatchChunk",
    "Claim",
    "Comparison",
    "Decision",
    "Explanation",
    "KeptAnswer",
    "ModelVersion",
    "Notice",
    "OutOfFold",
    "Policy",
    "Prediction",
    "Referral",
    "TrainingFile",
    "TrainingRun",
]
