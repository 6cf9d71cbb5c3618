"""Replies that send a file while it is made."""

from collections.abc import Iterable

from django.http import StreamingHttpResponse


def csv_reply(name: str, lines: Iterable[str]) -> StreamingHttpResponse:
    """Return a reply that streams lines as a file to save under a name."""
    return file_reply(name, lines, "text/csv; charset=utf-8")


def file_reply(name: str, parts: Iterable[str | bytes], content_type: str) -> StreamingHttpResponse:
    """Return a reply that streams parts as a file of a type to save under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(parts, content_type, headers=headers)
