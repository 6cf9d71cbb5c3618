"""Trainings, their files, timeline and audit log, to be looked at; a training is begun on its own page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from predictions.admin.base import ReadOnlyAdmin
from predictions.models import Activation, AuditRecord, TrainingFile, TrainingRun
from predictions.roles import ACTIVATE


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    list_display = ["id", "recipe", "file", "status", "created_by", "created_at", "finished_at", "version"]
    list_select_related = ["file", "created_by", "version"]
    list_filter = ["status", "recipe"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(ACTIVATE))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Uploading a table or naming a stored one, and the progress, are the product's own pages."""
        return redirect("trainings")


@admin.register(TrainingFile)
class TrainingFileAdmin(ReadOnlyAdmin):
    list_display = ["id", "name", "rows", "synthetic", "uploaded_by", "uploaded_at"]
    list_select_related = ["uploaded_by"]


@admin.register(Activation)
class ActivationAdmin(ReadOnlyAdmin):
    list_display = ["at", "version", "previous", "by", "reason", "overridden"]
    list_select_related = ["version", "previous", "by"]
    list_filter = ["overridden"]


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "action", "by", "detail"]
    list_select_related = ["by"]
    list_filter = ["action", "at"]
    show_full_result_count = False
