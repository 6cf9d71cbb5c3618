"""Users and their roles. Django's pairs of lists are left out: a screen reader finds no names in them.

Nobody gives out a right that is not their own: neither to an account, nor to a role, nor to themselves.
"""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from knox.models import AuthToken

from predictions.admin.base import ReadOnlyAdmin

User = get_user_model()
admin.site.unregister([User, Group])


def rights_of(user: Any) -> QuerySet[Permission]:
    """Return what an account may do once it is active."""
    every = Permission.objects.all()
    return every if user.is_superuser else every.filter(Q(user=user) | Q(group__user=user)).distinct()


def _beyond(user: Any) -> QuerySet[Permission]:
    """Return what `user` may not do."""
    return Permission.objects.exclude(pk__in=rights_of(user).values("pk")).order_by()


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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = [*super().get_readonly_fields(request, obj)]
        if obj == request.user:
            return [*fields, "groups", "is_superuser"]
        return fields if request.user.is_superuser else [*fields, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse accounts with more rights: who sets such an account's password has these rights."""
        return super().has_change_permission(request, obj) and _within(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _within(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["queryset"] = Group.objects.exclude(permissions__in=_beyond(request.user))
        return super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple(), **kwargs)

    @admin.display(description="roles")
    def roles(self, user: Any) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "none"


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    filter_horizontal = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _of_others(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _of_others(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        permissions: Any = form.base_fields.get("permissions")
        if permissions:
            permissions.queryset = permissions.queryset.exclude(pk__in=_beyond(request.user).values("pk"))
        return form


def _within(request: HttpRequest, account: Any) -> bool:
    """Tell whether an account has no right that the caller lacks."""
    if account is None or request.user.is_superuser:
        return True
    beyond = rights_of(account).filter(pk__in=_beyond(request.user).values("pk"))
    return not account.is_superuser and not beyond.exists()


def _of_others(request: HttpRequest, role: Any) -> bool:
    """Tell whether a role is not the caller's own, and has no right that the caller lacks."""
    if role is None or request.user.is_superuser:
        return True
    own = role.user_set.filter(pk=request.user.pk).exists()
    return not own and not role.permissions.filter(pk__in=_beyond(request.user).values("pk")).exists()


admin.site.unregister([AccessAttempt, AccessFailureLog])


@admin.register(AccessAttempt)
class FailedSignInAdmin(ReadOnlyAdmin):
    list_display = ["username", "ip_address", "failures_since_start", "attempt_time"]
    search_fields = ["username", "ip_address"]
    fields = ["username", "ip_address", "user_agent", "failures_since_start", "attempt_time"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("axes.delete_accessattempt"))


admin.site.unregister(AuthToken)


@admin.register(AuthToken)
class TokenAdmin(ReadOnlyAdmin):
    list_display = ["token_key", "user", "created", "expiry"]
    list_select_related = ["user"]
    fields = ["token_key", "user", "created", "expiry"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("knox.delete_authtoken"))
