"""API tokens: who has one, and revoking it. Making one shows it once, so that is a command."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from knox.models import AuthToken

from predictions.admin.base import ReadOnlyAdmin

admin.site.unregister(AuthToken)


@admin.register(AuthToken)
class TokenAdmin(ReadOnlyAdmin):
    list_display = ["token_key", "user", "created", "expiry"]
    list_select_related = ["user"]
    fields = ["token_key", "user", "created", "expiry"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("knox.delete_authtoken"))
