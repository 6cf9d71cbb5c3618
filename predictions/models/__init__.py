from predictions.models.applicant import Applicant
from predictions.models.explanation import Explanation
from predictions.models.model_version import ModelVersion
from predictions.models.prediction import Prediction

__all__ = ["Applicant", "Explanation", "ModelVersion", "Prediction"]
