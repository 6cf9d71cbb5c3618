from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator

from predictions.roles import ENTER_ADMIN
from predictions.web.posting import post_only


class LoansiteAdminSite(AdminSite):
    """Open to the roles that may enter, so that a role is all that an account needs."""

    site_header = "Loansite administration"
    site_title = "Loansite"
    index_title = "Records and models"
    enable_nav_sidebar = False  # three kinds of record: the width is worth more to their tables

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm(ENTER_ADMIN)

    @method_decorator(post_only("admin:index"))
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().logout(request, extra_context)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send strangers to the one page to sign in; an account that may not enter is told so."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
