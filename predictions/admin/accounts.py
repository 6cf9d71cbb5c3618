from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin

User = get_user_model()
admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    """As Django has it, but when somebody came and was here last is for the site to write down."""

    readonly_fields = ["last_login", "date_joined"]
