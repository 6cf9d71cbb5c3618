"""The hidden token of a form that makes something: it tells a second click from a second wish."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from predictions.services.writing import form_repeats

NAME = "form_token"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,60}\Z")


def new_token() -> str:
    """Return the token of a form that is about to be shown; one that was refused gets a new one."""
    return secrets.token_urlsafe(18)


def once(request: HttpRequest, values: Any, make: Callable[[], int]) -> int:
    """Return the id of what `make` made, now or when this form was last sent with these `values`."""
    return form_repeats.once(owner_id=request.user.pk or 0, token=_sent(request), values=values, make=make)


def _sent(request: HttpRequest) -> str:
    """Return the token that came with the form; nothing for one that no page of ours made."""
    token = request.POST.get(NAME, "")
    return token if _TOKEN.match(token) else ""
