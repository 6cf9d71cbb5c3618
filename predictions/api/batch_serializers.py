"""Shapes of batches, for the documentation and for reading."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from predictions.models import Batch
from predictions.reading.batch_progress import progress

_BYTES = {"type": "string", "format": "binary"}
FILE_BODY: dict[str, Any] = {
    "multipart/form-data": {"type": "object", "required": ["file"], "properties": {"file": _BYTES}},
    "text/csv": {"schema": _BYTES},
}
NAME = OpenApiParameter("name", str, description="What the file is called, when it is the body itself.")


class BatchSerializer(serializers.ModelSerializer):
    """One file of applications. done = scored + refused; rows is known once the file's form is checked."""

    owner = serializers.CharField(source="owner.username", read_only=True)
    rows = serializers.IntegerField(allow_null=True, read_only=True)
    done = serializers.IntegerField(read_only=True)
    scored = serializers.IntegerField(read_only=True)
    refused = serializers.IntegerField(read_only=True)
    remarked = serializers.IntegerField(read_only=True, help_text="Scored rows with a remark.")
    rows_per_second = serializers.FloatField(allow_null=True, read_only=True)
    seconds_left = serializers.FloatField(allow_null=True, read_only=True)

    class Meta:
        model = Batch
        fields = [
            *("id", "owner", "name", "size", "digest", "status", "error"),
            *("rows", "done", "scored", "refused", "remarked", "rows_per_second", "seconds_left"),
            *("model_version", "policy", "created_at", "started_at", "checked_at", "finished_at"),
        ]
        read_only_fields = fields

    def to_representation(self, instance: Any) -> Any:
        for name, value in progress(instance)._asdict().items():
            setattr(instance, name, value)
        return super().to_representation(instance)
