"""Forests and their schemas, as a store opens them."""

from ml.forest.conversion import forest_from_pipeline
from ml.forest.predictor import ForestPredictor
from ml.products.loan_prediction.schema import built_in
from ml.schemas.toml import facts_of, schema_from_facts


def forest_predictor(trained):
    """The predictor of a trained forest."""
    return ForestPredictor(forest_from_pipeline(trained.pipeline), built_in())


def with_column(schema, **entry):
    """The schema with a changed column, or a further one."""
    facts = facts_of(schema)
    columns = {column["name"]: column for column in facts["column"]}
    columns[entry["name"]] = columns.get(entry["name"], {}) | entry
    return schema_from_facts(facts | {"column": list(columns.values())})
