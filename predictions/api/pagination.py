from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from ml.applications.values import show_value
from predictions.reading.filters import KEY_SCHEMA, is_key


class NewestFirst(CursorPagination):
    """Keyset pages ``{next, previous, results}``, newest first, of a capped size."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
    invalid_cursor_message = "There is no page at that cursor; take one from the links next and previous."

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size
        if not is_key(given) or int(given) < 1:
            detail = f"{show_value(given)} is not a size of pages; expected a whole number from 1."
            raise ValidationError({self.page_size_query_param: detail}, code="invalid")
        return min(int(given), self.max_page_size)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Read where a page starts. Callers can invent cursors, and the key in a cursor goes into a query."""
        cursor = super().decode_cursor(request)
        if cursor and not is_key(str(cursor.position or "")):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cursor, size = super().get_schema_operation_parameters(view)
        cursor["description"] = "Where a page starts; taken from the links next and previous."
        size["description"] = f"Rows of a page; at most {self.max_page_size} are given."
        size["schema"] = KEY_SCHEMA | {"minimum": 1, "default": self.page_size}
        return [cursor, size]
