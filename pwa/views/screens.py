"""What pages of paired screens share: the secret in a cookie, and the page that shows a code."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Generic, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control

from queues.errors import TooManyPairingsError
from queues.models import Screen
from queues.selectors import screen_by_secret
from queues.services.screens import CODE_LIVES, pairing_open

S = TypeVar("S", bound=Screen)

# As long as browsers keep one; each time the page is opened it starts anew.
COOKIE_SECONDS = 400 * 24 * 3600


@dataclass(frozen=True, slots=True)
class ScreenPage(Generic[S]):
    """The page of a kind of screen: its route's name is ``name``, so are cookie and script."""

    name: str
    kind: type[S]

    def asked_by(self, request: HttpRequest) -> S | None:
        """The screen that the device proves to be; it needs no scope."""
        return screen_by_secret(self.kind, request.COOKIES.get(self.name, ""))

    def code_page(self, request: HttpRequest) -> HttpResponse:
        """Shows a code to pair the device with."""
        context = {
            "name": self.name,
            "script": self.release,
            "style": static(f"built/{self.name}.css"),
            "pair": reverse(f"{self.name}-pair"),
            "asks": reverse(f"{self.name}-data"),
            "lives": CODE_LIVES.total_seconds(),
        }
        return render(request, "pwa/screen_pair.html", context)

    def data(self, request: HttpRequest, document: Callable[[S], object]) -> HttpResponseBase:
        """The screen's document as JSON, with an ETag; 403 for a device that is not paired."""
        found = self.asked_by(request)
        if found is None:
            response: HttpResponseBase = HttpResponse(status=HTTPStatus.FORBIDDEN)
        else:
            body = json.dumps(document(found), ensure_ascii=False, separators=(",", ":"))
            tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
            made = HttpResponse(body, content_type="application/json", headers={"ETag": tag})
            response = get_conditional_response(request, etag=tag, response=made) or made
        patch_cache_control(response, private=True, no_cache=True)
        return response

    def pair(self) -> HttpResponse:
        """A code to show, and the secret to keep; 503 while too many are open."""
        try:
            pairing = pairing_open(kind=self.kind)
        except TooManyPairingsError as error:
            return JsonResponse({"detail": error.detail}, status=error.status)
        response = JsonResponse({"code": pairing.code})
        self.keep(response, pairing.secret)
        return response

    @property
    def release(self) -> str:
        """Changes with the page's script."""
        return static(f"built/{self.name}.js")

    def keep(self, response: HttpResponse, secret: str) -> None:
        """Gives the device its secret for as long as browsers keep one."""
        response.set_cookie(
            self.name,
            secret,
            max_age=COOKIE_SECONDS,
            path=reverse(self.name),
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
