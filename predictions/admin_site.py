from django.contrib.admin import AdminSite
from django.http import HttpRequest

from predictions.roles import ENTER_ADMIN


class LoansiteAdminSite(AdminSite):
    """Open to the roles that may enter, so that a role is all that an account needs."""

    site_header = "Loansite administration"
    site_title = "Loansite"
    index_title = "Records and models"
    enable_nav_sidebar = False  # three kinds of record: the width is worth more to their tables

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm(ENTER_ADMIN)
