"""What people did with a prediction, for review: decisions, claims and notices."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from predictions.admin.base import ReadOnlyAdmin
from predictions.models import Claim, Decision, Notice


class CaseAdmin(ReadOnlyAdmin):
    """Something that stands beside a prediction."""

    list_select_related = ["prediction", "by"]
    search_fields = ["prediction__loan_id__begins"]
    search_help_text = "Beginning of a Loan_ID"
    show_full_result_count = False

    @admin.display(description="Loan_ID")
    def loan_id(self, row: Any) -> str:
        return row.prediction.loan_id

    @admin.display(description="case")
    def case(self, row: Any) -> str:
        return format_html('<a href="{}">open</a>', reverse("prediction_detail", args=[row.prediction_id]))


@admin.register(Decision)
class DecisionAdmin(CaseAdmin):
    list_display = ["id", "loan_id", "verdict", "override", "code", "by", "at", "case"]
    list_filter = ["verdict", "override", "code", "at"]


@admin.register(Claim)
class ClaimAdmin(CaseAdmin):
    list_display = ["id", "loan_id", "by", "at", "ended_at", "ended_by", "case"]
    list_select_related = [*CaseAdmin.list_select_related, "ended_by"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "at"]


@admin.register(Notice)
class NoticeAdmin(CaseAdmin):
    list_display = ["id", "loan_id", "by", "at", "case"]
    list_filter = ["at"]
