"""What every request passes through."""

from collections.abc import Callable
from http import HTTPMethod

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from waitlessq import positions
from waitlessq.db.reading import reading
from waitlessq.db.replicas import all_replicas

SAFE_METHODS = {HTTPMethod.GET, HTTPMethod.HEAD, HTTPMethod.OPTIONS}


class ReadYourWritesMiddleware:
    """Lets requests read from replicas, but nobody from one that has not seen their last write.

    A request that may write decides by what it reads, so it reads from the primary throughout.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not all_replicas():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        may_write = request.method not in SAFE_METHODS
        with reading(lambda: positions.find(request), may_write=may_write) as reader:
            reader.reads_newest = may_write
            response = self.get_response(request)
            if reader.has_written:
                positions.remember(request, response)
        return response
