"""The board's page: what a screen in the waiting room shows, without anybody signed in.

It is a page for customers that composes queues, so it stands behind the same door as theirs; who
sets boards up does so in the console. The screen proves itself with a secret in a cookie that only
these addresses are sent.
"""

import hashlib
import json
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language_bidi, gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe
from django_scopes import scope

from queues.errors import TooManyPairingsError
from queues.models import Board
from queues.selectors import board_by_secret
from queues.services.boards import CODE_LIVES, pairing_open
from queues.snapshot import read_snapshots
from waitlessq.db.reading import newest
from waitlessq.streams.channels import HEARTBEAT

COOKIE = "board"
# As long as browsers keep one; each time the page is opened it starts anew.
COOKIE_SECONDS = 400 * 24 * 3600


@require_safe
@newest
@never_cache
@ensure_csrf_cookie
def board(request: HttpRequest) -> HttpResponse:
    """The board of the screen that asks; else the page that shows a code to pair it with."""
    secret = request.COOKIES.get(COOKIE, "")
    found = board_by_secret(secret)
    if found is None:
        return render(request, "pwa/board_pair.html", {"lives": CODE_LIVES.total_seconds()})
    with override(found.languages[0]):
        context = {
            "board": found,
            "language": found.languages[0],
            "is_rtl": get_language_bidi(),
            "streams": settings.STREAMS_URL,
            "heartbeat": HEARTBEAT,
            "release": _release(),
            "texts": {code: _texts(code) for code, _ in settings.LANGUAGES},
        }
        response = render(request, "pwa/board.html", context)
    _keep(response, secret)
    return response


@require_POST
@never_cache
def pair(request: HttpRequest) -> HttpResponse:
    """A code for the screen to show, and the secret that it keeps; 503 while too many are open."""
    try:
        pairing = pairing_open()
    except TooManyPairingsError as error:
        return JsonResponse({"detail": error.detail}, status=error.status)
    response = JsonResponse({"code": pairing.code})
    _keep(response, pairing.secret)
    return response


@require_safe
@newest
def data(request: HttpRequest) -> HttpResponseBase:
    """All that the board shows, with an ETag; 403 for a screen that is not paired."""
    found = board_by_secret(request.COOKIES.get(COOKIE, ""))
    if found is None:
        response: HttpResponseBase = HttpResponse(status=HTTPStatus.FORBIDDEN)
    else:
        body = json.dumps(_document(found), ensure_ascii=False, separators=(",", ":"))
        tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
        made = HttpResponse(body, content_type="application/json", headers={"ETag": tag})
        response = get_conditional_response(request, etag=tag, response=made) or made
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _document(found: Board) -> dict[str, Any]:
    with scope(provider=found.provider):
        snapshots = read_snapshots(found.queues.order_by("id"))
    return {
        "release": _release(),
        "provider": found.provider.name,
        "languages": found.languages,
        "time_zone": found.location.time_zone,
        "notice": found.notice,
        "font": found.font,
        "rows": found.rows,
        "queues": [snapshots[queue_id] for queue_id in sorted(snapshots)],
    }


def _release() -> str:
    """Changes with the page's script."""
    return static("built/board.js")


def _texts(language: str) -> dict[str, str]:
    """What the board says in one language."""
    with override(language):
        return {
            "dir": "rtl" if get_language_bidi() else "ltr",
            "counter": gettext("Counter"),
            "next": gettext("Next"),
            "closed": gettext("Closed"),
            "opens": gettext("Closed. Opens {time}."),
            "idle": gettext("Numbers are called here."),
            "spoken": gettext("{code}, counter {counter}"),
            "mistaken": gettext("Sorry, {code} was called by mistake."),
            "lost": gettext("Connection lost at {time}. Please listen for your number."),
        }


def _keep(response: HttpResponse, secret: str) -> None:
    response.set_cookie(
        COOKIE,
        secret,
        max_age=COOKIE_SECONDS,
        path=reverse("board"),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
