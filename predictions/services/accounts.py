"""Tokens, the article's system user, and the accounts of a development machine."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet
from knox.models import AuthToken

from predictions.models.querysets import AnyUser
from predictions.roles import Role

DEMO_PASSWORD = "loansite-demo"  # noqa: S105 - public on purpose, for development machines only
DEMO_ACCOUNTS = {
    "officer": Role.OFFICER,
    "reviewer": Role.REVIEWER,
    "manager": Role.MODEL_MANAGER,
    "auditor": Role.AUDITOR,
    "admin": Role.ADMIN,
    "client": Role.API_CLIENT,
}
ARTICLE_USER = "article"


def accounts_with(right: str) -> QuerySet[User]:
    """Return the active accounts that have a right, by role, by themselves, or as superusers."""
    # The site has several backends; this one knows the rights.
    backend = "django.contrib.auth.backends.ModelBackend"
    return User.objects.with_perm(right, backend=backend)


def create_token(*, user: AnyUser, days: int | None = None) -> str:
    """Create a token and return it. Only its digest is stored, so that it can be shown only once."""
    _, token = AuthToken.objects.create(user=user, expiry=timedelta(days=days) if days else None)
    return str(token)


@transaction.atomic
def create_demo_accounts() -> list[str]:
    """Create the missing demo accounts and return their names. Raises `PermissionError` in production."""
    if settings.PRODUCTION:
        raise PermissionError("Demo accounts are for development only.")
    created = []
    for name, role in DEMO_ACCOUNTS.items():
        user, is_new = get_user_model().objects.get_or_create(username=name)
        if is_new:
            user.set_password(DEMO_PASSWORD)
            user.save()
            user.groups.set([Group.objects.get(name=role)])
            created.append(name)
    return created


def article_user() -> AnyUser:
    """Return the system user that owns the predictions of callers without credentials. It cannot sign in."""
    users = get_user_model().objects
    try:
        return users.get(username=ARTICLE_USER)
    except users.model.DoesNotExist:
        # Without a password, create_user stores an unusable one.
        return users.create_user(ARTICLE_USER)
