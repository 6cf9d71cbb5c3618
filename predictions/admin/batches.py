"""Batches, to be looked at; files are sent and stopped on the product's own pages."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from predictions.admin.base import ReadOnlyAdmin
from predictions.models import Batch


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = ["id", "name", "status", "rows", "scored", "refused", "owner", "created_at", "finished_at"]
    list_select_related = ["owner"]
    list_filter = ["status", "created_at"]
    search_fields = ["name"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        return Batch.objects.with_counts()

    @admin.display(description="scored")
    def scored(self, batch: Batch) -> int:
        return int(batch.scored)  # type: ignore[attr-defined] # annotated

    @admin.display(description="refused")
    def refused(self, batch: Batch) -> int:
        return int(batch.refused)  # type: ignore[attr-defined] # annotated
