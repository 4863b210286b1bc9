"""What pages have in common that are found by a link out of a mail, with its token in the address.

A mail can carry a token nowhere else. So the address is told to no other site, kept by no cache and
no search engine, and the edge logs it without the token (deploy/nginx/common.conf).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django.core.signing import Signer
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django_scopes import scope

from providers.models import Provider
from waitlessq.tokens import held_by

View = Callable[..., HttpResponse]


class Held(Protocol):
    """What a link leads to."""

    @property
    def provider(self) -> Provider: ...


def by_link(signer: Signer, find: Callable[[int], Held | None]) -> Callable[[View], View]:
    """For a page of what its link's token names: the view gets that instead, then the token.

    ``find`` looks it up by its id in no scope; the view runs in its provider's. 404 for a token
    that ``signer`` did not make.
    """

    def held(view: View) -> View:
        @never_cache
        @wraps(view)
        def found(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
            row = held_by(token, signer, find)
            with scope(provider=row.provider):
                response = view(request, row, token, **kwargs)
            # Not "no-referrer": forms would come from an unknown origin, and be refused. Nor the
            # whole address to ourselves: it is logged with what goes wrong with a page's files.
            response["Referrer-Policy"] = "strict-origin"
            response["X-Robots-Tag"] = "noindex, nofollow"
            return response

        return found

    return held
