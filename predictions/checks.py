"""System checks for settings that are unsafe in production."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import DatabaseError, connection

from ml.atomic_files import is_private
from predictions.services.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD


@register(deploy=True)
def check_article_endpoint(**kwargs: object) -> list[CheckMessage]:
    if settings.ARTICLE_ENDPOINT != "open":
        return []
    return [
        Warning(
            "LOANSITE_ARTICLE_ENDPOINT is 'open': anyone who reaches /predict can score and store rows.",
            hint="Set it to 'token', or to 'off'.",
            id="predictions.W001",
        )
    ]


@register(deploy=True)
def check_demo_accounts(**kwargs: object) -> list[CheckMessage]:
    try:
        names = _open_demo_accounts()
    except DatabaseError:
        hint = "Start the database and check again."
        text = "The database did not answer, so it is not known whether it contains demo accounts."
        return [Warning(text, hint=hint, id="predictions.W002")]
    if not names:
        return []
    text = f"The password of these accounts is public: {', '.join(names)}."
    hint = "Set new passwords, or deactivate the accounts, in the admin."
    return [Error(text, hint=hint, id="predictions.E001")]


@register(deploy=True)
def check_trusted_proxies(**kwargs: object) -> list[CheckMessage]:
    if not settings.BEHIND_TLS_PROXY or settings.TRUSTED_PROXIES:
        return []
    text = "LOANSITE_TRUSTED_PROXIES is empty: every client seems to come from the proxy's address."
    hint = (
        "Set it to the proxy's address, such as 127.0.0.1, "
        "so that a lockout applies to the client, not to the proxy."
    )
    return [Warning(text, hint=hint, id="predictions.W003")]


@register(deploy=True)
def check_file_permissions(**kwargs: object) -> list[CheckMessage]:
    if is_private(settings.VAR):
        return []
    text = f"Other accounts of this machine can read {settings.VAR} (LOANSITE_VAR)."
    return [Warning(text, hint="Let only the site's account read it.", id="predictions.W004")]


def _open_demo_accounts() -> list[str]:
    """Return the names of active demo accounts that still have the published password."""
    users = get_user_model()
    if users._meta.db_table not in connection.introspection.table_names():
        return []
    active = users.objects.filter(username__in=DEMO_ACCOUNTS, is_active=True)
    passwords = active.values_list("username", "password")
    return sorted(name for name, password in passwords if check_password(DEMO_PASSWORD, password))
