"""What every page knows: the model in use, and whether it learned from real data."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from predictions.models import ModelVersion


def model_in_use(request: HttpRequest) -> dict[str, Any]:
    """Name the active version, or none; looked up once, and only by a page that shows it."""
    return {"active_version": SimpleLazyObject(_active_version)}


def _active_version() -> ModelVersion | None:
    return ModelVersion.objects.active().defer("report").first()
