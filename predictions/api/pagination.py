from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from ml.applications.values import show_value
from predictions.api.lists import known_codes
from predictions.live.products import product_of
from predictions.reading.blocks.codes import visible_codes
from predictions.reading.blocks.finding import first_in_blocks
from predictions.reading.declared_filters import PREDICTION_FILTERS
from predictions.reading.filters import KEY_SCHEMA, is_key
from predictions.reading.keyset import Key, SortOrder


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


class PredictionPages(NewestFirst):
    """Pages of predictions, which are found in blocks where few of many fit."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        offset, reverse, position = self.decode_cursor(request) or Cursor(0, False, None)
        keys = first_in_blocks(
            queryset,
            SortOrder("pk", descending=not reverse),
            offset + self.get_page_size(request) + 1,
            visible=visible_codes(request.user, product_of(request)),
            filters=known_codes(PREDICTION_FILTERS, request.query_params),
            start=None if position is None else Key(int(position), int(position)),
        )
        rows = queryset if keys is None else queryset.filter(pk__in=[key.pk for key in keys])
        return super().paginate_queryset(rows, request, view)
