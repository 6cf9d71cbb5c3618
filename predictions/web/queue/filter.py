"""The view and filters of the queue that a person works through, kept in the session between cases."""

from django.http import HttpRequest

_NAME = "queue_filter"


def remember_filter(request: HttpRequest) -> None:
    request.session[_NAME] = request.GET.urlencode()


def remembered_filter(request: HttpRequest) -> str:
    """Return the query of the filter; empty without one."""
    return str(request.session.get(_NAME, ""))


def forget_filter(request: HttpRequest) -> None:
    request.session.pop(_NAME, None)
