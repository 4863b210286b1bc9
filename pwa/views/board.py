"""The board's page: what a screen in the waiting room shows, without anybody signed in.

It is a page for customers that composes queues, so it stands behind the same door as theirs; who
sets boards up does so in the console. The screen proves itself with a secret in a cookie that only
these addresses are sent.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language_bidi, gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe
from django_scopes import scope

from pwa.views.screens import ScreenPage
from queues.models import Board
from queues.on_site import spaced
from queues.selectors import code_to_show
from queues.snapshot import read_snapshots
from waitlessq.db.reading import newest
from waitlessq.streams.channels import HEARTBEAT

PAGE = ScreenPage("board", Board)


@require_safe
@newest
@never_cache
@ensure_csrf_cookie
def board(request: HttpRequest) -> HttpResponse:
    """The board of the screen that asks; else the page that shows a code to pair it with."""
    found = PAGE.asked_by(request)
    if found is None:
        return PAGE.code_page(request)
    with override(found.languages[0]):
        context = {
            "board": found,
            "language": found.languages[0],
            "is_rtl": get_language_bidi(),
            "streams": settings.STREAMS_URL,
            "heartbeat": HEARTBEAT,
            "release": PAGE.release,
            "texts": {code: _texts(code) for code, _ in settings.LANGUAGES},
        }
        response = render(request, "pwa/board.html", context)
    PAGE.keep(response, request.COOKIES[PAGE.name])
    return response


@require_POST
@never_cache
def pair(request: HttpRequest) -> HttpResponse:
    """A code for the screen to show, and the secret that it keeps; 503 while too many are open."""
    return PAGE.pair()


@require_safe
@newest
def data(request: HttpRequest) -> HttpResponseBase:
    """All that the board shows, with an ETag; 403 for a screen that is not paired."""
    return PAGE.data(request, _document)


def _document(found: Board) -> dict[str, Any]:
    with scope(provider=found.provider):
        snapshots = read_snapshots(found.queues.order_by("id"))
        code = code_to_show(found.location)
    return {
        "release": PAGE.release,
        "provider": found.provider.name,
        "languages": found.languages,
        "time_zone": found.location.time_zone,
        "notice": _notice(found, code),
        "font": found.font,
        "rows": found.rows,
        "queues": [snapshots[queue_id] for queue_id in sorted(snapshots)],
    }


def _notice(found: Board, code: str | None) -> str:
    """What the provider has to say, after what is typed to check in by phone."""
    if code is None:
        return found.notice
    with override(found.languages[0]):
        # Its digits stay in order in every language.
        told = gettext("Booked? Check in on your phone: %(code)s.") % {
            "code": f"\u2066{spaced(code)}\u2069"
        }
    return f"{told} {found.notice}".strip()


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
