"""What the model that scored a case says beyond its score: directions of its columns, and uncertainty."""

from ml.scorecard.scorecard import Scorecard
from ml.scorecard.uncertainty import probability_interval
from predictions.errors import ModelUnreadable
from predictions.live.active_model import open_cached_version
from predictions.models import Prediction


def directions_of(prediction: Prediction) -> dict[str, int]:
    """Return the direction of each column of numbers: 1 if points rise with the value, -1 if they fall.

    Empty for a model without points, or if it cannot be loaded: a letter can be written without.
    """
    try:
        predictor = open_cached_version(prediction.model_version).predictor
    except ModelUnreadable:
        return {}
    if not isinstance(predictor, Scorecard):
        return {}
    return {column.column: column.direction for column in predictor.columns if column.direction}


def uncertainty_of(prediction: Prediction) -> tuple[float, float] | None:
    """Return the 95% interval of the probability, because training rows are a sample.

    None if the model's training did not measure it. Raises `ModelUnreadable`.
    """
    model = open_cached_version(prediction.model_version)
    strength = model.manifest["report"].get("strength")
    if not strength or not isinstance(model.predictor, Scorecard):
        return None
    bins = model.predictor.bins_of(prediction.inputs)
    return probability_interval(strength["points_samples"], prediction.log_odds, bins)
