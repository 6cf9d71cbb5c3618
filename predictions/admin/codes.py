"""The catalogue of decision codes: an admin adds, changes and retires them. Nobody deletes one."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from predictions.models import DecisionCode
from predictions.services.cases import codes


@admin.register(DecisionCode)
class DecisionCodeAdmin(admin.ModelAdmin):
    list_display = ["label", "name", "for_overrides", "for_denials", "needs_note", "retired_at"]
    list_filter = [("retired_at", admin.EmptyFieldListFilter)]
    fields = ["name", "label", "for_overrides", "for_denials", "needs_note", "applicant_text", "retired_at"]
    actions = ["retire", "offer"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["name", "retired_at"] if obj else ["retired_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: DecisionCode, form: ModelForm, change: bool) -> None:
        codes.store_code(code=obj, by=request.user)

    @admin.action(description="Retire the selected codes", permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[DecisionCode]) -> None:
        for code in queryset:
            codes.retire_code(code=code, by=request.user)
        self._say(request, queryset, "retired. Decisions that have it keep it")

    @admin.action(description="Offer the selected codes again", permissions=["change"])
    def offer(self, request: HttpRequest, queryset: QuerySet[DecisionCode]) -> None:
        for code in queryset:
            codes.offer_again(code=code, by=request.user)
        self._say(request, queryset, "offered again")

    def _say(self, request: HttpRequest, chosen: QuerySet[Any], what: str) -> None:
        names = ", ".join(code.name for code in chosen)
        self.message_user(request, f"{names}: {what}.", messages.SUCCESS)
