"""Failures as ``{type, errors: [{code, detail, attr}]}``: the one place that maps them to HTTP."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import UnreadablePostError
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import APIException, ErrorDetail, ParseError, ValidationError
from rest_framework.response import Response

from ml.errors import (
    ArtefactError,
    CardFieldMissing,
    CompressedFile,
    DatasetError,
    ExportError,
    InvalidValue,
    SchemaError,
)
from predictions.api.calls.body import IncompleteRequest
from predictions.errors import (
    Conflict,
    FileTooLarge,
    GateRefused,
    InvalidFields,
    KeyReused,
    NoSuchProduct,
    ProductRetired,
    Unavailable,
    as_unavailable,
)


class ServiceUnavailable(APIException):
    status_code = 503

    def __init__(self, reason: Unavailable) -> None:
        super().__init__(reason.detail, reason.code)
        self.wait = reason.retry_after


class ErrorHandler(ExceptionHandler):
    """Translates our own errors to HTTP. A deliberate 503 is not reported as a crash."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        return super().convert_known_exceptions(_translated(exc))

    def format_exception(self, exc: APIException) -> Any:
        """Add the `id` of the newest prediction to a refusal that names one."""
        body = super().format_exception(exc)
        newest_id = getattr(exc, "newest_id", None)
        if newest_id is not None:
            body["errors"][0]["id"] = newest_id
        return body

    def report_exception(self, exc: APIException, response: Response) -> None:
        if not isinstance(exc, ServiceUnavailable):
            super().report_exception(exc, response)


class NotPossible(APIException):
    """The request is valid, but the state of its object does not allow it."""

    def __init__(self, reason: Exception, status: int) -> None:
        super().__init__(str(reason), getattr(reason, "code", "not_possible"))
        self.status_code, self.wait = status, getattr(reason, "retry_after", None)
        self.newest_id = getattr(reason, "newest_id", None)


_STATUS = {
    404: (NoSuchProduct,),
    409: (Conflict, GateRefused, ArtefactError, CardFieldMissing),
    410: (ProductRetired,),
    413: (FileTooLarge,),
    415: (CompressedFile,),
    422: (KeyReused,),
}


_REFUSALS = InvalidFields | DatasetError | ExportError | InvalidValue | SchemaError


def _details(error: _REFUSALS) -> Any:
    if isinstance(error, DatasetError):
        return {"file": [ErrorDetail(str(error), "invalid")]}
    if isinstance(error, ExportError):
        return ErrorDetail(str(error), "not_exportable")
    if isinstance(error, InvalidValue):
        return ErrorDetail(error.detail, error.code)
    if isinstance(error, SchemaError):
        return _schema_details(error)
    return {name: [ErrorDetail(fault.detail, fault.code)] for name, fault in error.faults.items()}


def _schema_details(error: SchemaError) -> dict[str, list[ErrorDetail]]:
    """Return the faults of a schema by the paths of their keys."""
    details: dict[str, list[ErrorDetail]] = {}
    for fault in error.faults:
        details.setdefault(fault.path or "schema", []).append(ErrorDetail(str(fault), "invalid_schema"))
    return details


def _translated(error: Exception) -> Exception:
    reason = as_unavailable(error)
    if reason:
        return ServiceUnavailable(reason)
    status = next((status for status, kinds in _STATUS.items() if isinstance(error, kinds)), None)
    if status:
        return NotPossible(error, status)
    if isinstance(error, _REFUSALS):
        return ValidationError(_details(error))
    if isinstance(error, UnreadablePostError):
        return IncompleteRequest(str(error))
    if isinstance(error, SuspiciousOperation):
        return ParseError("The request cannot be read: too many parameters.")
    return error
