"""What every page knows: the model in use, and whether it learned from real data."""

from typing import Any

from django.http import HttpRequest

from predictions.models import ModelVersion


def model_in_use(request: HttpRequest) -> dict[str, Any]:
    return {"active_version": _active_version}


def _active_version() -> ModelVersion | None:
    """Looked up only by the pages that show it."""
    return ModelVersion.objects.active().defer("report").first()
