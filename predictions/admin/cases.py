"""Applicants, predictions, decisions, claims, notices and batches: to search and to review.

Files are uploaded and cancelled on the pages of batches.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from predictions.admin.base import KnownRows, LoanIdSearchAdmin, ReadOnlyAdmin
from predictions.live import products
from predictions.live.schemas import schema_of_version
from predictions.models import (
    Applicant,
    ApplicationEvent,
    Batch,
    Claim,
    Decision,
    DecisionCode,
    Hold,
    Notice,
    Prediction,
)
from predictions.models.product import product_of_row
from predictions.models.querysets import in_product
from predictions.reading.blocks.codes import Known, equal_to
from predictions.reading.declared_filters import DECISION, OVERRIDE, AnyFilter
from predictions.reading.filters import FEW, are_few, filter_by_loan_id_beginning, filter_by_source, is_key
from predictions.web.mounts import address_in

_LONG_FIELDS = ["inputs", "warnings"]


class ProductFilter(admin.SimpleListFilter):
    """Filters predictions by product, where there are several."""

    title = parameter_name = "product"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(product.name, product.title) for product in products.every()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> QuerySet[Prediction]:
        chosen = [product for product in products.every() if product.name == self.value()]
        return queryset.filter(in_product("product", chosen[0].stored_key)) if chosen else queryset


class ApplicationAdmin(LoanIdSearchAdmin):
    """An admin of rows with an application's values, which it names by their labels."""

    exclude = ["inputs", "product"]
    readonly_fields = ["entered"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return [*self._product_if_several(), *super().get_readonly_fields(request, obj)]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Name the product of each row where there are several."""
        first, *others = self.list_display
        return [first, *self._product_if_several(), *others]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*([] if products.default().alone else [ProductFilter]), *self.list_filter]

    def _product_if_several(self) -> list[str]:
        return [] if products.default().alone else ["product_title"]

    @admin.display(description="product")
    def product_title(self, row: Applicant | Prediction) -> str:
        return products.with_key(product_of_row(row.product_id)).title

    @admin.display(description="inputs")
    def entered(self, row: Applicant | Prediction) -> str:
        by_column = schema_of_version(row.model_version_id).by_column
        values = [
            (by_column[column].label, "Unknown" if value is None else by_column[column].value_words(value))
            for column, value in row.inputs.items()
        ]
        return format_html_join(mark_safe("<br>"), "{}: {}", values)


class LastScoredFilter(admin.DateFieldListFilter):
    """Filters applicants by the time of their last score.

    Their view has no index for it: where few predictions are as new, their applicants are looked up.
    """

    def queryset(self, request: HttpRequest, queryset: QuerySet[Applicant]) -> QuerySet[Applicant]:
        rows: QuerySet[Applicant] = super().queryset(request, queryset)  # type: ignore[assignment]
        since: Any = self.used_parameters.get(self.lookup_kwarg_since)
        if not since:
            return rows
        recent = Prediction.objects.filter(created_at__gte=since[0]).order_by()
        if not are_few(recent, FEW):
            return rows
        numbered: QuerySet[Any] = recent.with_application_id()
        return rows.filter(pk__in=set(numbered.values_list("application_id", flat=True)))


class SourceFilter(admin.ChoicesFieldListFilter):
    """Filters predictions by source. Where few come from it, they are looked up."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> QuerySet[Prediction]:
        rows: QuerySet[Prediction] = super().queryset(request, queryset)  # type: ignore[assignment]
        return filter_by_source(rows, self.lookup_val[0]) if self.lookup_val else rows


@admin.register(Applicant)
class ApplicantAdmin(ApplicationAdmin):
    sortable_by = ()  # each would read all predictions
    list_display = ["loan_id", "owner", "updated_at"]
    list_select_related = ["owner"]
    list_filter = [("updated_at", LastScoredFilter)]


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
class PredictionAdmin(ApplicationAdmin):
    list_display = ["id", "loan_id", "outcome", "percent", "version", "source", "owner", "created_at", "page"]
    list_select_related = ["owner"]
    list_filter = [
        "outcome",
        DecisionFilter,
        OverrideFilter,
        "model_version",
        ("source", SourceFilter),
        "created_at",
    ]
    exclude = ["inputs", "product"]
    readonly_fields = ["product_title", "entered"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]  # the index that gives this order has the columns of the filters
    sortable_by = ("created_at",)  # the others have no index; the history page sorts by probability

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prediction]:
        rows = KnownRows(self.model, known=_known(request))
        name = request.resolver_match.url_name if request.resolver_match else None
        return rows.defer(*_LONG_FIELDS) if (name or "").endswith("changelist") else rows

    def beginning_with(self, rows: QuerySet[Prediction], beginning: str) -> QuerySet[Prediction]:
        return filter_by_loan_id_beginning(rows, beginning)

    @admin.display(description="Loan ID")
    def loan_id(self, prediction: Prediction) -> str:
        return prediction.loan_id

    @admin.display(description="probability")
    def percent(self, prediction: Prediction) -> str:
        return f"{prediction.approval_probability:.1%}"

    @admin.display(description="version")
    def version(self, prediction: Prediction) -> int:
        return prediction.model_version_id

    @admin.display(description="page")
    def page(self, prediction: Prediction) -> str:
        return _case_link(prediction)


def _known(request: HttpRequest) -> list[Known]:
    """Return the codes of what Django's own filters keep."""
    choices = {"outcome": Prediction.Outcome.values, "source": Prediction.Source.values}
    asked = {name: request.GET.get(f"{name}__exact") for name in choices}
    known = [equal_to(name)(value) for name, value in asked.items() if value in choices[name]]
    version = request.GET.get("model_version__id__exact", "")
    return [*known, equal_to("model_version")(version)] if is_key(version) else [*known]


def _case_link(prediction: Prediction) -> str:
    address = address_in(products.with_key(prediction.product_key), "application_detail", prediction.pk)
    return format_html('<a href="{}">Open case</a>', address)


class CaseAdmin(LoanIdSearchAdmin):
    """An admin of rows that belong to a prediction."""

    list_select_related = ["prediction", "by"]
    to_prediction = "prediction"

    @admin.display(description="Loan ID")
    def loan_id(self, row: Decision | Claim | Notice | Hold | ApplicationEvent) -> str:
        return row.prediction.loan_id

    @admin.display(description="case")
    def case(self, row: Decision | Claim | Notice | Hold | ApplicationEvent) -> str:
        return _case_link(row.prediction)


class CodeFilter(admin.SimpleListFilter):
    """Filters decisions by the codes of the catalogue, retired ones included."""

    title = parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [*DecisionCode.objects.values_list("name", "label")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Decision]) -> QuerySet[Decision]:
        return queryset.filter(code=self.value()) if self.value() else queryset


@admin.register(Decision)
class DecisionAdmin(CaseAdmin):
    list_display = ["id", "loan_id", "verdict", "override", "code_label", "by", "at", "case"]
    list_filter = ["verdict", "override", CodeFilter, "at"]


@admin.register(Claim)
class ClaimAdmin(CaseAdmin):
    list_display = ["id", "loan_id", "by", "at", "ended_at", "ended_by", "case"]
    list_select_related = [*CaseAdmin.list_select_related, "ended_by"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "at"]


@admin.register(Notice)
class NoticeAdmin(CaseAdmin):
    list_display = ["id", "loan_id", "by", "at", "confirmed_by", "confirmed_at", "case"]
    list_select_related = [*CaseAdmin.list_select_related, "confirmed_by"]
    list_filter = ["at"]


@admin.register(Hold)
class HoldAdmin(CaseAdmin):
    list_display = ["id", "loan_id", "until", "by", "at", "ended_at", "ended_by", "case"]
    list_select_related = [*CaseAdmin.list_select_related, "ended_by"]
    list_filter = ["until", ("ended_at", admin.EmptyFieldListFilter)]


@admin.register(ApplicationEvent)
class ApplicationEventAdmin(CaseAdmin):
    list_display = ["id", "loan_id", "kind", "by", "at", "case"]
    list_filter = ["kind", "at"]


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
