"""What is stored of a version, as a model card takes it."""

from typing import Any

from predictions.models import Activation, ModelVersion
from predictions.roles import PERMISSIONS, SCORE
from predictions.words.times import site_time


def facts_of(version: ModelVersion) -> dict[str, Any]:
    """Return what is stored of a version, as `ml.reports.card.card` takes it."""
    return {
        "name": f"Version {version.pk}",
        "status": version.status,
        "recipe": version.recipe,
        "title": version.get_recipe_display(),
        "columns": version.columns,
        "protected_columns": version.protected_columns,
        "users": [role.value for role, allowed in PERMISSIONS.items() if SCORE in allowed],
        "data": {
            "name": version.data_name,
            "sha256": version.data_digest,
            "synthetic": version.synthetic,
        },
        "trained_at": site_time(version.created_at),
        "report": version.report,
        "activations": [_activation(found) for found in version.activations.select_related("by")],
    }


def _activation(found: Activation) -> dict[str, Any]:
    by = found.by.get_username() if found.by else None
    return {"at": site_time(found.at), "by": by, "reason": found.reason, "overridden": found.overridden}
