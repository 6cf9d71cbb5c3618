"""Model bytes -> `Predictor`. Heavy imports happen only for the kind of model that needs them."""

import json
from collections.abc import Callable

from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scores import Predictor


def _scorecard(content: bytes) -> Predictor:
    return Scorecard.from_json(json.loads(content))


def _pipeline(content: bytes) -> Predictor:
    from ml.artefacts.unpickle import load
    from ml.forest.predictor import PipelinePredictor

    return PipelinePredictor(load(content))


MODEL_FILES: dict[str, tuple[str, Callable[[bytes], Predictor]]] = {
    "scorecard": ("scorecard.json", _scorecard),
    "pipeline": ("pipeline.joblib", _pipeline),
}


def open_model(kind: str, content: bytes) -> Predictor:
    """Return the predictor of verified model bytes; `kind` is ``"scorecard"`` or ``"pipeline"``."""
    return MODEL_FILES[kind][1](content)
