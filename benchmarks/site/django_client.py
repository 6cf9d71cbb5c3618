"""Django inside this process, with the settings of a prepared site."""

from typing import Any


def setup() -> None:
    """Load the settings that the environment names."""
    import django

    django.setup()


def client(user: str) -> Any:
    """Return Django's test client, signed in as one of the demo accounts."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    signed_in = Client(headers={"Host": "localhost"})
    account = get_user_model().objects.get(username=user)
    signed_in.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return signed_in
