"""The WSGI application that gunicorn serves."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

from predictions.log_lines import end_request
from predictions.services.writing import database_waits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loansite.settings")


class Request(WSGIRequest):
    """Text is UTF-8 here, whatever charset a caller names.

    Django decodes the query with the caller's charset before any middleware or view could refuse it.
    """

    @property
    def encoding(self) -> str | None:
        return None

    @encoding.setter
    def encoding(self, name: str) -> None:
        pass

    def close(self) -> None:
        """Let go of the body at once: messages hold their request, which would wait for the collector."""
        super().close()
        end_request()
        vars(self).clear()


class Site(WSGIHandler):
    request_class = Request

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        database_waits.reset_request_state()
        return super().__call__(environ, start_response)


django.setup(set_prefix=False)
database_waits.apply_request_limits()
application = Site()
