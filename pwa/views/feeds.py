"""A calendar of somebody's bookings, to be followed by whoever has its address, or to be ended."""

import hashlib
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_http_methods, require_safe
from django_scopes import scope

from appointments import selectors
from appointments.calendars import followed
from appointments.models import CalendarFeed
from appointments.services.feeds import calendar_feed_close
from appointments.tokens import FEED
from pwa.views.links import by_link
from pwa.views.look import page_theme
from waitlessq.tokens import held_by

KEPT_SECONDS = 300


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The bookings as iCalendar; 304 while they are the same."""
    found = held_by(token, FEED, selectors.public_feed)
    with scope(provider=found.provider):
        content = followed(selectors.feed_appointments(found), name=found.provider.name)
    tag = quote_etag(hashlib.sha256(content).hexdigest())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="bookings.ics"'
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "strict-origin"
    response["ETag"] = tag
    patch_cache_control(response, private=True, max_age=KEPT_SECONDS)
    return cast("HttpResponse", get_conditional_response(request, etag=tag, response=response))


@require_http_methods(["GET", "POST"])
@by_link(FEED, selectors.public_feed)
def close(request: HttpRequest, followed_feed: CalendarFeed, token: str) -> HttpResponse:
    """Asks whether the address is to lead nowhere any more; its button does it."""
    if request.method == "POST":
        calendar_feed_close(feed=followed_feed)
    context = {
        "provider": followed_feed.provider,
        "theme": page_theme(followed_feed.provider.colour),
        "is_closed": request.method == "POST",
    }
    return render(request, "pwa/feed_close.html", context)
