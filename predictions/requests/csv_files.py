"""The reply that sends a CSV file while its lines are made."""

from collections.abc import Iterable

from django.http import StreamingHttpResponse


def csv_reply(name: str, lines: Iterable[str]) -> StreamingHttpResponse:
    """Return a reply that streams lines as a file to save under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, "text/csv; charset=utf-8", headers=headers)
