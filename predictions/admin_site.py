from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator

from predictions.roles import ENTER_ADMIN
from predictions.web.posting import post_only


class LoansiteAdminSite(AdminSite):
    """An admin site for accounts whose role has `ENTER_ADMIN`. No account needs `is_staff`."""

    site_header = "Loansite administration"
    site_title = "Loansite"
    index_title = "Administration"
    enable_nav_sidebar = False  # the tables need the width

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm(ENTER_ADMIN)

    @method_decorator(post_only("admin:index"))
    def logout(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> TemplateResponse:
        return super().logout(request, extra_context)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Redirect to the site's sign-in page. Accounts that may not enter the admin get status 403."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
