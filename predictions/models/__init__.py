from predictions.models.applicant import Applicant
from predictions.models.application import ApplicationEvent, Hold, Proposal
from predictions.models.audit import AuditRecord, KeptAnswer
from predictions.models.batch import Batch, BatchChunk
from predictions.models.counts import CountedUntil, DayCount, ScoredCount, WaitingCount
from predictions.models.decision import Claim, Decision, DecisionCode, Notice
from predictions.models.file_draft import BatchDraft, FileDraft, RememberedWishes, TrainingDraft
from predictions.models.loan_id_entry import LoanIdEntry, SharedLoanIds
from predictions.models.model_version import Activation, ArtefactFile, Comparison, ModelVersion, OutOfFold
from predictions.models.policy import Policy
from predictions.models.prediction import Explanation, Prediction, Referral
from predictions.models.product import BUILT_IN, Product, SchemaVersion
from predictions.models.product_draft import ProductDraft
from predictions.models.ranking import PredictionBlock, RankedPrediction, RankedUntil, Ranking
from predictions.models.training import TrainingFile, TrainingRun

__all__ = [
    "BUILT_IN",
    "Activation",
    "Applicant",
    "ApplicationEvent",
    "ArtefactFile",
    "AuditRecord",
    "Batch",
    "BatchChunk",
    "BatchDraft",
    "Claim",
    "Comparison",
    "CountedUntil",
    "DayCount",
    "Decision",
    "DecisionCode",
    "Explanation",
    "FileDraft",
    "Hold",
    "KeptAnswer",
    "LoanIdEntry",
    "ModelVersion",
    "Notice",
    "OutOfFold",
    "Policy",
    "Prediction",
    "PredictionBlock",
    "Product",
    "ProductDraft",
    "Proposal",
    "RankedPrediction",
    "RankedUntil",
    "Ranking",
    "Referral",
    "RememberedWishes",
    "SchemaVersion",
    "ScoredCount",
    "SharedLoanIds",
    "TrainingDraft",
    "TrainingFile",
    "TrainingRun",
    "WaitingCount",
]
