"""Names and titles of the recipes, readable without importing scikit-learn."""

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import Schema

RECIPE_TITLES = {
    "scorecard": "Monotone weight-of-evidence scorecard",
    "article": "The article's random forest",
}


def recipe_names(schema: Schema) -> tuple[str, ...]:
    """Return the names of a schema's recipes. The article's forest is for the article's table alone."""
    return tuple(RECIPE_TITLES) if schema.columns == built_in().columns else ("scorecard",)
