from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Keyset pages ``{next, previous, results}``, newest first, of a capped size."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
