"""Every failure as ``{type, errors: [{code, detail, attr}]}``; the one place that maps it to HTTP."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from drf_standardized_errors.handler import exception_handler
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from ml.errors import MLError
from predictions.errors import Conflict, Unavailable, as_unavailable


class ServiceUnavailable(APIException):
    status_code = 503

    def __init__(self, reason: Unavailable) -> None:
        super().__init__(reason.detail, reason.code)
        self.wait = reason.retry_after


class Refused(APIException):
    status_code = 409
    default_code = "conflict"


def handle(error: Exception, context: Any) -> Response | None:
    """Return the reply for an exception of an API view."""
    return exception_handler(_translated(error), context)


def _translated(error: Exception) -> Exception:
    reason = as_unavailable(error)
    if reason is not None:
        return ServiceUnavailable(reason)
    if isinstance(error, Conflict | MLError):
        return Refused(str(error))
    return Http404() if isinstance(error, ObjectDoesNotExist) else error
