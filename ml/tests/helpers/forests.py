"""Forests and their schemas, as a store opens them."""

from ml.artefacts.manifest_schema import built_in, schema_from_document, to_json
from ml.forest.conversion import forest_from_pipeline
from ml.forest.predictor import ForestPredictor


def forest_predictor(trained):
    """The predictor of a trained forest."""
    return ForestPredictor(forest_from_pipeline(trained.pipeline), built_in())


def with_feature(schema, feature):
    """The schema with a changed column, or a further one."""
    features = (schema.by_column | {feature.column: feature}).values()
    return schema_from_document({"columns": [to_json(each) for each in features]})
