"""The facts of a version, for its card."""

from datetime import UTC, datetime

import pytest

from ml.products.loan_prediction.schema import built_in

FIGURE = {"mean": 0.8, "low": 0.75, "high": 0.85}
RATE = {"value": 0.5, "low": 0.4, "high": 0.6}
RATES = ("observed_approval_rate", "predicted_approval_rate", "true_positive_rate", "false_positive_rate")


def group(value, rows):
    return {"value": value, "rows": rows, "too_few": rows < 30} | dict.fromkeys((*RATES, "accuracy"), RATE)


@pytest.fixture
def facts():
    """All facts of a version, small enough to read."""
    metrics = dict.fromkeys(["accuracy", "roc_auc", "log_loss", "brier"], FIGURE)
    models = {name: metrics | {"ece": {"mean": 0.02}} for name in ("scorecard", "one_rule", "majority")}
    reliability = [{"low": 0.7, "high": 0.8, "rows": 40, "predicted": 0.76, "observed": 0.75}]
    models["scorecard"]["reliability"] = reliability
    report = {
        "rows": 614, "approved": 422, "training_rows": 614, "hold_out": None,
        "search": {"candidates": 12, "folds": 5, "best_parameters": {"logistic__C": 0.3}},
        "cross_validation": {"repeats": 10, "folds": 5, "seed": 1, "models": models},
        "groups": {
            "Gender": {"groups": [group("Male", 489), group(None, 13)], "difference": 0.07, "ratio": 0.92}
        },
        "learning_curve": [{"rows": 99, "log_loss": FIGURE, "roc_auc": FIGURE, "accuracy": FIGURE}],
        "protected_cost": {
            "columns": ["Gender", "Married"],
            "with": metrics,
            "difference": {"accuracy": {"mean": 0.0003, "low": -0.0048, "high": 0.0055}},
        },
    }  # fmt: skip
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    activation = {"at": at, "by": "zoe", "reason": "first", "overridden": False}
    return {
        "name": "Version 7", "status": "active", "schema": built_in(), "means_confirmed": True,
        "recipe": "scorecard", "title": "Scorecard",
        "columns": ["ApplicantIncome", "Credit_History"], "protected_columns": [], "users": ["officer"],
        "data": {"name": "training.csv", "sha256": "ab" * 32, "synthetic": False},
        "trained_at": datetime(2026, 2, 1, tzinfo=UTC), "report": report, "activations": [activation],
    }  # fmt: skip
