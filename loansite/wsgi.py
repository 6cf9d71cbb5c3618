"""The WSGI application that gunicorn serves."""

import os
from typing import TYPE_CHECKING

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponseBase
from django.utils.module_loading import import_string

from predictions.log_lines import end_request
from predictions.services.writing import database_waits

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from predictions.hot.path import HotPath

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
    """Answers what it can on the hot path, and all else by Django."""

    request_class = Request

    def __init__(self, hot: "HotPath") -> None:
        super().__init__()
        self.hot = hot

    def __call__(  # type: ignore[override]
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> HttpResponseBase | list[bytes]:
        database_waits.reset_request_state()
        if self.hot.is_refused(environ):
            database_waits.request_state.server_silent = True
            return super().__call__(environ, start_response)
        request = self.hot.read(environ)
        if request is None:
            return super().__call__(environ, start_response)
        reply = self.hot.answer(request, environ)
        if reply is None:
            return super().__call__(environ, self.hot.learning(request, start_response))
        start_response(reply.status, reply.headers)
        return [reply.body]


def _site() -> Site:
    from predictions.hot.path import HotPath  # needs Django's settings and apps

    passage = os.environ.get("BENCH_PASSAGE", "predictions.hot.passage.Passage")
    return Site(HotPath(import_string(passage)()))


django.setup(set_prefix=False)
database_waits.apply_request_limits()
application = _site()
