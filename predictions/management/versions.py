"""The model version that an operator names."""

from django.core.management import CommandError

from predictions.models import ModelVersion


def version_named(version_id: int) -> ModelVersion:
    try:
        return ModelVersion.objects.get(pk=version_id)
    except ModelVersion.DoesNotExist:
        known = ", ".join(map(str, ModelVersion.objects.values_list("pk", flat=True))) or "none"
        raise CommandError(f"There is no version {version_id}; known: {known}.") from None
