"""What every page knows: the model in use, whether it learned from real data, and whether this is a demo."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from predictions.models import ModelVersion
from predictions.services.demo.marks import in_demo


def model_in_use(request: HttpRequest) -> dict[str, Any]:
    """Name the active version, or none; looked up once, and only by a page that shows it."""
    return {"active_version": SimpleLazyObject(_active_version)}


def _active_version() -> ModelVersion | None:
    return ModelVersion.objects.active().annotate(in_demo=in_demo()).defer("report").first()
