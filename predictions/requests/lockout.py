"""Lockouts after failed sign-ins: their limits, and the reply to a locked caller."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from predictions.client_address import client_address, is_proxy

KNOWN_ADDRESS_AGE = timedelta(days=30)


class Limit(NamedTuple):
    """A lockout after `failures` with equal `fields`, for `seconds` after the last one."""

    fields: tuple[str, ...]
    failures: int
    seconds: int


PAIR_LIMIT = Limit(("username", "ip_address"), settings.AXES_FAILURE_LIMIT, 15 * 60)
USER_LIMIT = Limit(("username",), 25, 60 * 60)
ADDRESS_LIMIT = Limit(("ip_address",), 50, 60 * 60)
_REMEMBERED = timedelta(seconds=max(limit.seconds for limit in (PAIR_LIMIT, USER_LIMIT, ADDRESS_LIMIT)))


class FailedSignIns(NamedTuple):
    """Failed sign-ins of one user from one address and browser: their number, and the time of the last."""

    username: str
    ip_address: str | None
    number: int
    last: datetime


class LockoutHandler(AxesDatabaseHandler):
    """Locks a user at an address; more slowly a user at all addresses, and an address for all users.

    At an address where the user signed in lately, the limit by user does not count: nobody can lock the user
    out from elsewhere.
    """

    def is_locked(self, request: HttpRequest, credentials: dict[str, object] | None = None) -> bool:
        return seconds_locked(request, credentials) > 0

    def get_failures(self, request: HttpRequest, credentials: dict[str, object] | None = None) -> int:
        """Return the number of failures at which axes locks, if this sign-in is locked; else 0."""
        locked = self.is_locked(request, credentials)
        return settings.AXES_FAILURE_LIMIT if locked else 0

    def clean_expired_user_attempts(
        self, request: HttpRequest | None = None, credentials: dict[str, object] | None = None
    ) -> int:
        number: int = AccessAttempt.objects.filter(attempt_time__lte=timezone.now() - _REMEMBERED).delete()[0]
        return number


def sign_in_locked(request: HttpRequest, username: str) -> bool:
    """Return True if a sign-in would be refused even with the right password."""
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def locked_reply(
    request: HttpRequest, response: object, credentials: dict[str, object] | None
) -> HttpResponse:
    """Answer 429, and say when the next try is taken."""
    seconds = max(1, seconds_locked(request, credentials))
    context = {
        "username": get_client_username(request, credentials) or "",
        "minutes": math.ceil(seconds / 60),
    }
    reply = render(request, "registration/locked.html", context, status=settings.AXES_HTTP_RESPONSE_CODE)
    reply["Retry-After"] = str(seconds)
    return reply


def seconds_locked(request: HttpRequest, credentials: dict[str, object] | None) -> int:
    """Return the seconds until the caller may try again; 0 when it may now."""
    caller = {
        "username": get_client_username(request, credentials),
        "ip_address": request.axes_ip_address,  # type: ignore[attr-defined]
    }
    failures = _failures_of(caller)
    waits = {
        limit: _wait(
            [fail for fail in failures if all(getattr(fail, f) == caller[f] for f in limit.fields)], limit
        )
        for limit in (PAIR_LIMIT, USER_LIMIT, ADDRESS_LIMIT)
    }
    if waits[USER_LIMIT] and _known(caller):
        waits[USER_LIMIT] = 0
    if _behind_unknown(request):
        waits[ADDRESS_LIMIT] = 0
    return max(waits.values())


def _behind_unknown(request: HttpRequest) -> bool:
    """Return True if a client's address is the address of a proxy, which all its clients share."""
    unnamed = settings.BEHIND_TLS_PROXY and not settings.TRUSTED_PROXIES
    return unnamed or is_proxy(client_address(request))


def _failures_of(caller: dict[str, str | None]) -> list[FailedSignIns]:
    """Return all failures of the user and of the address, newest first."""
    recent = AccessAttempt.objects.filter(attempt_time__gt=timezone.now() - _REMEMBERED)
    of_caller = Q(username=caller["username"]) | Q(ip_address=caller["ip_address"])
    fields = ("username", "ip_address", "failures_since_start", "attempt_time")
    rows = recent.filter(of_caller).order_by("-attempt_time").values_list(*fields)
    return [FailedSignIns(*row) for row in rows]


def _wait(failures: Iterable[FailedSignIns], limit: Limit) -> int:
    """Return the seconds until the number of remembered failures is below the limit."""
    number = 0
    for failure in failures:
        number += failure.number
        if number >= limit.failures:
            age = (timezone.now() - failure.last).total_seconds()
            return max(0, math.ceil(limit.seconds - age))
    return 0


def _known(caller: dict[str, str | None]) -> bool:
    since = timezone.now() - KNOWN_ADDRESS_AGE
    return AccessLog.objects.filter(**caller, attempt_time__gt=since).exists()
