"""Users and their roles. Django's pairs of lists are left out: a screen reader finds no names in them."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.forms import CheckboxSelectMultiple

User = get_user_model()
admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(UserAdmin):
    """A role is all that an account needs; when somebody came and was here last is for the site to write."""

    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = ()
    list_display = ["username", "email", "roles", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    fieldsets = [
        (None, {"fields": ["username", "password", "is_active"]}),
        ("Role", {"fields": ["groups", "is_superuser"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple(), **kwargs)

    @admin.display(description="roles")
    def roles(self, user: Any) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "none"


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    filter_horizontal = ()
