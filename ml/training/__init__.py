"""Names and titles of the recipes, readable without importing scikit-learn."""

RECIPE_TITLES = {
    "scorecard": "Monotone weight-of-evidence scorecard",
    "article": "The article's random forest",
}
