"""Policies, to be looked at; one is put in force on its own page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ml.figures import exact_percent
from predictions.admin.base import ReadOnlyAdmin
from predictions.models import Policy
from predictions.roles import ADOPT
from predictions.words import policies


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    list_display = ["id", "cut", "band", "refer_gaps", "remarks", "by", "at", "reason"]
    list_select_related = ["by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(ADOPT))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The change has a page of the product's own, with the policy in force beside it."""
        return redirect("policies")

    @admin.display(description="threshold", ordering="threshold")
    def cut(self, policy: Policy) -> str:
        return f"{exact_percent(policy.threshold)} %"

    @admin.display(description="refer band", ordering="refer_low")
    def band(self, policy: Policy) -> str:
        return policies.band(policy)
