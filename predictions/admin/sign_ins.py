"""Failed sign-ins: who is locked out, and unlocking by deleting them."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog
from django.contrib import admin
from django.http import HttpRequest

from predictions.admin.base import ReadOnlyAdmin

admin.site.unregister([AccessAttempt, AccessFailureLog])


@admin.register(AccessAttempt)
class FailedSignInAdmin(ReadOnlyAdmin):
    list_display = ["username", "ip_address", "failures_since_start", "attempt_time"]
    search_fields = ["username", "ip_address"]
    fields = ["username", "ip_address", "user_agent", "failures_since_start", "attempt_time"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("axes.delete_accessattempt"))
