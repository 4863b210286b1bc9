"""What pages have in common that are found by a link out of a mail, with its token in the address.

A mail can carry a token nowhere else. So the address is told to no other site, kept by no cache and
no search engine, and the edge logs it without the token (deploy/nginx/common.conf).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache


def by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Sends the headers that keep the page's address to whoever has it."""

    @never_cache
    @wraps(view)
    def hidden(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        # Not "no-referrer": forms would come from an unknown origin, and be refused.
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return hidden
