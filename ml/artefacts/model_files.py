"""Model files: which file holds which kind of model, and how it is written and opened.

Models are plain data: opening them runs no code and needs numpy alone. Only a forest of format 1, which is a
pickle, imports scikit-learn.
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from ml.forest.model import Forest
from ml.forest.predictor import ForestPredictor
from ml.schemas.schema import Schema
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scores import Predictor

if TYPE_CHECKING:
    from ml.training.training import TrainedModel


def _scorecard(content: bytes, schema: Schema) -> Predictor:
    return Scorecard.from_json(schema, json.loads(content))


def _forest(content: bytes, schema: Schema) -> Predictor:
    return ForestPredictor(Forest.from_json(json.loads(content)), schema)


def _pipeline(content: bytes, schema: Schema) -> Predictor:
    from ml.artefacts.unpickle import load
    from ml.forest.conversion import forest_from_pipeline

    return ForestPredictor(forest_from_pipeline(load(content)), schema)


# A pipeline is the pickle of format 1; it is loaded, and never written.
MODEL_FILES: dict[str, tuple[str, Callable[[bytes, Schema], Predictor]]] = {
    "scorecard": ("scorecard.json", _scorecard),
    "forest": ("forest.json", _forest),
    "pipeline": ("pipeline.joblib", _pipeline),
}


def open_model(kind: str, content: bytes, schema: Schema) -> Predictor:
    """Open the predictor in verified model bytes.

    Parameters
    ----------
    kind : {"scorecard", "forest", "pipeline"}
    content : bytes
        The model file; its signature and digest must have been verified.
    schema : Schema
        The schema of the artefact.
    """
    return MODEL_FILES[kind][1](content, schema)


def model_bytes(trained: "TrainedModel") -> tuple[str, bytes]:
    """Return the kind of a trained model and the content of its file.

    Raises
    ------
    ArtefactError
        If the model is neither a scorecard nor a forest.
    """
    if trained.scorecard is not None:
        return "scorecard", json.dumps(trained.scorecard.to_json(), indent=1).encode()
    from ml.forest.conversion import forest_from_pipeline

    forest = forest_from_pipeline(trained.pipeline)
    return "forest", json.dumps(forest.to_json(), separators=(",", ":")).encode()
