"""The WSGI application that gunicorn serves."""

import os
from typing import TYPE_CHECKING

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponseBase

from predictions.log_lines import end_request
from predictions.services.writing import database_waits

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loansite.settings")


class Request(WSGIRequest):
    """A request whose text is UTF-8, even if its caller names another charset.

    Django would decode the query with that charset before any middleware or view could refuse it.
    """

    @property
    def encoding(self) -> str | None:
        return None

    @encoding.setter
    def encoding(self, name: str) -> None:
        pass

    def close(self) -> None:
        """Free the body at once: messages refer to their request, which would wait for the collector."""
        super().close()
        end_request()
        vars(self).clear()


class Site(WSGIHandler):
    request_class = Request

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> HttpResponseBase:
        database_waits.reset_request_state()
        return super().__call__(environ, start_response)


django.setup(set_prefix=False)
database_waits.apply_request_limits()
application = Site()
