"""What every request passes through."""

import time
from collections.abc import Callable
from http import HTTPMethod
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from waitlessq import positions
from waitlessq.db.reading import reading
from waitlessq.db.replicas import all_replicas

PERMISSIONS_POLICY = ", ".join(
    f"{name}=()"
    for name in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)
RENEWED_AT = "renewed_at"
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


def note_sign_in(request: HttpRequest, **_: Any) -> None:
    """Whoever has just signed in has a session that is new."""
    request.session[RENEWED_AT] = time.time()


class SlidingSessionMiddleware:
    """Keeps whoever is there signed in: renews a session once in a sixth of its time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Loaded already, or not needed: to ask would make answers for all depend on the cookie.
        if request.session.accessed and "_auth_user_id" in request.session:
            now = time.time()
            if now - request.session.get(RENEWED_AT, 0) > settings.SESSION_COOKIE_AGE / 6:
                request.session[RENEWED_AT] = now
        return self.get_response(request)


class PermissionsPolicyMiddleware:
    """Says that no page, nor what it frames, uses what a browser would have to ask for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response
