"""Applicants and predictions, for search and review."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from predictions.admin.read_only import ReadOnlyAdmin
from predictions.models import Applicant, Prediction

_LONG = ["inputs", "missing", "warnings", "gaps"]


@admin.register(Applicant)
class ApplicantAdmin(ReadOnlyAdmin):
    list_display = ["loan_id", "owner", "applicant_income", "loan_amount", "credit_history", "updated_at"]
    list_select_related = ["owner"]
    list_filter = ["property_area", "credit_history", "updated_at"]
    search_fields = ["loan_id__startswith"]
    search_help_text = "Beginning of a Loan_ID"
    show_full_result_count = False


@admin.register(Prediction)
class PredictionAdmin(ReadOnlyAdmin):
    list_display = ["id", "loan_id", "outcome", "percent", "version", "source", "owner", "created_at", "page"]
    list_select_related = ["applicant", "owner"]
    list_filter = ["outcome", "model_version", "source", "created_at"]
    search_fields = ["applicant__loan_id__startswith"]
    search_help_text = "Beginning of a Loan_ID"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prediction]:
        rows = super().get_queryset(request)
        name = request.resolver_match.url_name if request.resolver_match else None
        return rows.defer(*_LONG) if (name or "").endswith("changelist") else rows

    @admin.display(description="Loan_ID", ordering="applicant__loan_id")
    def loan_id(self, prediction: Prediction) -> str:
        return prediction.applicant.loan_id

    @admin.display(description="probability", ordering="approval_probability")
    def percent(self, prediction: Prediction) -> str:
        return f"{prediction.approval_probability:.1%}"

    @admin.display(description="version", ordering="model_version")
    def version(self, prediction: Prediction) -> int:
        return prediction.model_version_id

    @admin.display(description="page")
    def page(self, prediction: Prediction) -> str:
        return format_html('<a href="{}">open</a>', reverse("prediction_detail", args=[prediction.pk]))
