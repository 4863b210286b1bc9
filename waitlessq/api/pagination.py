from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from waitlessq.forms import whole_number


class NewestFirst(CursorPagination):
    """Pages by id from the newest; a page costs the same however far one has come."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place that a link led to; 404 for one that nobody was given."""
        cursor: Any = super().decode_cursor(request)
        if (
            cursor is not None
            and cursor.position is not None
            and whole_number(cursor.position) is None
        ):
            raise NotFound(self.invalid_cursor_message)
        return cursor  # type: ignore[no-any-return]
