from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Pages by id from the newest; a page costs the same however far one has come."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
