"""Predictors of forests, as a store opens them."""

from ml.artefacts.manifest_schema import built_in
from ml.forest.conversion import forest_from_pipeline
from ml.forest.predictor import ForestPredictor


def forest_predictor(trained):
    """The predictor of a trained forest."""
    return ForestPredictor(forest_from_pipeline(trained.pipeline), built_in())
