"""Applicants, predictions, decisions, claims, notices and batches: to search and to review.

Files are uploaded and cancelled on the pages of batches.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from predictions.admin.base import QuickDates, ReadOnlyAdmin
from predictions.live import products
from predictions.models import Applicant, Batch, Claim, Decision, Notice, Prediction
from predictions.reading.declared_filters import DECISION, OVERRIDE, AnyFilter
from predictions.web.mounts import address_in

_LONG_FIELDS = ["inputs", "missing", "warnings", "gaps"]
SEARCH_HELP = "Search by the start of a Loan ID"


@admin.register(Applicant)
class ApplicantAdmin(ReadOnlyAdmin):
    list_display = ["loan_id", "owner", "updated_at"]
    list_select_related = ["owner"]
    list_filter = ["updated_at"]
    search_fields = ["loan_id__begins"]
    search_help_text = SEARCH_HELP
    show_full_result_count = False


class DeclaredListFilter(admin.SimpleListFilter):
    """A declared filter beside a list of the admin. A value that is not among its choices filters nothing."""

    declared: AnyFilter

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return list(self.declared.kind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> QuerySet[Prediction]:
        kind, entry = self.declared.kind, self.value()
        if entry is None or entry not in dict(kind.choices):
            return queryset
        return self.declared.narrow(queryset, kind.from_entry(kind.entry_rule(entry)))


class DecisionFilter(DeclaredListFilter):
    title = parameter_name = "decision"
    declared = DECISION


class OverrideFilter(DeclaredListFilter):
    title = parameter_name = "override"
    declared = OVERRIDE


@admin.register(Prediction)
class PredictionAdmin(ReadOnlyAdmin):
    list_display = ["id", "loan_id", "outcome", "percent", "version", "source", "owner", "created_at", "page"]
    list_select_related = ["owner"]
    list_filter = ["outcome", DecisionFilter, OverrideFilter, "model_version", "source", "created_at"]
    date_hierarchy = "created_at"
    search_fields = ["loan_id__begins"]
    search_help_text = SEARCH_HELP
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prediction]:
        rows = QuickDates(self.model)
        name = request.resolver_match.url_name if request.resolver_match else None
        return rows.defer(*_LONG_FIELDS) if (name or "").endswith("changelist") else rows

    @admin.display(description="Loan ID", ordering="loan_id")
    def loan_id(self, prediction: Prediction) -> str:
        return prediction.loan_id

    @admin.display(description="probability", ordering="approval_probability")
    def percent(self, prediction: Prediction) -> str:
        return f"{prediction.approval_probability:.1%}"

    @admin.display(description="version", ordering="model_version")
    def version(self, prediction: Prediction) -> int:
        return prediction.model_version_id

    @admin.display(description="page")
    def page(self, prediction: Prediction) -> str:
        return _case_link(prediction)


def _case_link(prediction: Prediction) -> str:
    address = address_in(products.with_key(prediction.product_key), "prediction_detail", prediction.pk)
    return format_html('<a href="{}">Open case</a>', address)


class CaseAdmin(ReadOnlyAdmin):
    """An admin of rows that belong to a prediction."""

    list_select_related = ["prediction", "by"]
    search_fields = ["prediction__loan_id__begins"]
    search_help_text = SEARCH_HELP
    show_full_result_count = False

    @admin.display(description="Loan ID")
    def loan_id(self, row: Decision | Claim | Notice) -> str:
        return row.prediction.loan_id

    @admin.display(description="case")
    def case(self, row: Decision | Claim | Notice) -> str:
        return _case_link(row.prediction)


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
        return int(batch.scored)  # type: ignore[attr-defined] # annotated by with_counts

    @admin.display(description="refused")
    def refused(self, batch: Batch) -> int:
        return int(batch.refused)  # type: ignore[attr-defined] # annotated by with_counts
