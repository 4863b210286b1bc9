"""Where links in mails lead: to pages for whoever has the token (pwa/views/links.py)."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from appointments.tokens import appointment_token, feed_token, waitlist_token


def booking_link(appointment_id: int) -> str:
    """The page of an appointment; empty where nobody said how the platform is reached."""
    return _link("booking", appointment_token(appointment_id))


def waitlist_link(entry_id: int) -> str:
    """The page of an entry of the wait list; empty as above."""
    return _link("waiting", waitlist_token(entry_id))


def feed_link(feed_id: int) -> str:
    """The calendar of a feed; empty as above."""
    return _link("feed", feed_token(feed_id))


def feed_address(request: HttpRequest, feed_id: int) -> str:
    """Where the calendar of a feed is found; below the request's host where we know no other.

    At a provider's own domain there are no feeds.
    """
    path = reverse("feed", args=[feed_token(feed_id)])
    return feed_link(feed_id) or request.build_absolute_uri(path)


def feed_close_link(feed_id: int) -> str:
    """The page that closes a feed; empty as above."""
    return _link("feed-close", feed_token(feed_id))


def _link(page: str, token: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(page, args=[token])}" if settings.PUBLIC_URL else ""
