from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest


class ReadOnlyAdmin(ModelAdmin):
    """Facts: to be looked at. Nobody adds, changes or deletes them here, superusers included."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
