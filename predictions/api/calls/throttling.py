"""How many calls a caller may make: exact over all threads and processes of this machine."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from predictions.requests.client_address import address_group
from predictions.services.writing.call_times import CallTimes


class CallerThrottle(BaseThrottle):
    """At most `LOANSITE_THROTTLE` calls of a user, or of an address without one, in any such period."""

    _seconds: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        if settings.THROTTLE is None:
            return True
        user = request.user
        caller = f"user {user.pk}" if user and user.is_authenticated else f"{address_group(request._request)}"
        self._seconds = CallTimes(settings.CALL_TIMES, *settings.THROTTLE).take(caller)
        return not self._seconds

    def wait(self) -> float | None:
        return self._seconds
