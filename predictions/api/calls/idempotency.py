"""The header ``Idempotency-Key`` of calls that store something."""

import functools
import hashlib
import re
from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ml.applications.values import show_value
from predictions.api.calls.body import read_body
from predictions.api.calls.rendering import JSONRenderer
from predictions.services.accounts import article_user
from predictions.services.writing import idempotency

IDEMPOTENCY_HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x20-\x7e]{1,255}\Z")
ViewMethod = Callable[..., Response]
R = TypeVar("R")


def idempotent(handle: ViewMethod) -> Callable[..., Response | HttpResponse]:
    """Give a retry of a view's method the reply of the first call."""

    @functools.wraps(handle)
    def handle_once(
        view: object, request: Request, *args: object, **kwargs: object
    ) -> Response | HttpResponse:
        if IDEMPOTENCY_HEADER not in request.headers:
            return handle(view, request, *args, **kwargs)
        return reply_once(request, read_body(request), lambda: handle(view, request, *args, **kwargs))

    return accepts_idempotency_key(handle_once)


def accepts_idempotency_key(handle: Callable[..., R]) -> Callable[..., R]:
    """Publish in the schema that a view's method takes the header; the method calls `reply_once` itself."""
    handle.idempotent = True  # type: ignore[attr-defined]
    return handle


def reply_once(request: Request, body: bytes, make_reply: Callable[[], Response]) -> Response | HttpResponse:
    """Make a reply, or return the one kept for the caller's key.

    Parameters
    ----------
    body : bytes
        What was sent; the key may not come with another body.
    """
    if IDEMPOTENCY_HEADER not in request.headers:
        return make_reply()
    kept = idempotency.reply_once_per_key(
        owner_id=request.user.pk or article_user().pk or 0,
        key=_key(request.headers[IDEMPOTENCY_HEADER]),
        digest=_digest(request, body),
        make_reply=lambda: _rendered(make_reply()),
    )
    reply = HttpResponse(kept.content, status=kept.status, content_type="application/json")
    if kept.replayed:
        reply["Idempotent-Replay"] = "true"
    return reply


def _key(text: str) -> str:
    if not _KEY.match(text):
        detail = f"1 to 255 printable ASCII characters are expected, not {show_value(text)}."
        raise ValidationError({IDEMPOTENCY_HEADER: detail}, code="invalid")
    return text


def _digest(request: Request, body: bytes) -> str:
    address = request.get_full_path().encode()
    return hashlib.sha256(b"%b\n%b" % (address, body)).hexdigest()


def _rendered(reply: Response) -> idempotency.KeptReply:
    return idempotency.KeptReply(reply.status_code, JSONRenderer().render(reply.data))
