"""Accounts, roles, failed sign-ins and API tokens.

Users cannot grant permissions that they do not have: not to an account, not to a role, not to themselves.
Permissions are chosen with checkboxes, since Django's pairs of lists have no names for screen readers.

Deleting failed sign-ins unlocks an account. API tokens can be revoked here. They are created by a command,
because a token is shown only once.
"""

from axes.models import AccessAttempt, AccessFailureLog
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import ManyToManyField, Model, Q, QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm, ModelMultipleChoiceField
from django.http import HttpRequest
from knox.models import AuthToken

from predictions.admin.base import ReadOnlyAdmin
from predictions.models.querysets import AnyUser

admin.site.unregister([User, Group])


def permissions_of(user: AnyUser) -> QuerySet[Permission]:
    """Return the permissions that an account has while it is active."""
    permissions = Permission.objects.all()
    if user.is_superuser:
        return permissions
    return permissions.filter(Q(user=user) | Q(group__user=user)).distinct()


def _missing_permissions(user: AnyUser) -> QuerySet[Permission]:
    """Return the permissions that `user` does not have."""
    return Permission.objects.exclude(pk__in=permissions_of(user).values("pk")).order_by()


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Accounts with their roles. The site writes the dates of joining and of the last sign-in."""

    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = ()
    list_display = ["username", "email", "roles", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    fieldsets = [
        (None, {"fields": ["username", "password", "is_active"]}),
        ("Role", {"fields": ["groups", "is_superuser"]}),
        ("Personal details", {"fields": ["first_name", "last_name", "email"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = [*super().get_readonly_fields(request, obj)]
        if obj == request.user:
            return [*fields, "groups", "is_superuser"]
        return fields if request.user.is_superuser else [*fields, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse accounts with more permissions: setting their password would grant these permissions."""
        return super().has_change_permission(request, obj) and _may_manage_account(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_manage_account(request.user, obj)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: object
    ) -> ModelMultipleChoiceField | None:
        if db_field.name == "groups":
            kwargs["queryset"] = Group.objects.exclude(permissions__in=_missing_permissions(request.user))
        return super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple(), **kwargs)

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "none"


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    filter_horizontal = ()

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_manage_role(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_manage_role(request.user, obj)

    def get_form(
        self, request: HttpRequest, obj: Group | None = None, change: bool = False, **kwargs: object
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        permissions = form.base_fields.get("permissions")
        if isinstance(permissions, ModelMultipleChoiceField) and permissions.queryset is not None:
            missing = _missing_permissions(request.user).values("pk")
            permissions.queryset = permissions.queryset.exclude(pk__in=missing)
        return form


def _may_manage_account(user: AnyUser, account: User | None) -> bool:
    """Return True if `account` has no permission that `user` lacks."""
    if account is None or user.is_superuser:
        return True
    additional = permissions_of(account).filter(pk__in=_missing_permissions(user).values("pk"))
    return not account.is_superuser and not additional.exists()


def _may_manage_role(user: AnyUser, role: Group | None) -> bool:
    """Return True if `user` does not have this role, and the role has no permission that `user` lacks."""
    if role is None or user.is_superuser:
        return True
    is_own = user.groups.filter(pk=role.pk).exists()
    return not is_own and not role.permissions.filter(pk__in=_missing_permissions(user).values("pk")).exists()


admin.site.unregister([AccessAttempt, AccessFailureLog])


@admin.register(AccessAttempt)
class FailedSignInAdmin(ReadOnlyAdmin):
    list_display = ["username", "ip_address", "failures_since_start", "attempt_time"]
    search_fields = ["username", "ip_address"]
    fields = ["username", "ip_address", "user_agent", "failures_since_start", "attempt_time"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm("axes.delete_accessattempt"))


admin.site.unregister(AuthToken)


@admin.register(AuthToken)
class TokenAdmin(ReadOnlyAdmin):
    list_display = ["token_key", "user", "created", "expiry"]
    list_select_related = ["user"]
    fields = ["token_key", "user", "created", "expiry"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm("knox.delete_authtoken"))
